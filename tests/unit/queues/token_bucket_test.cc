// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/token_bucket.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/base/random.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using base::Milliseconds;
using base::SteadyTime;
using std::chrono::seconds;

namespace {

constexpr SteadyTime kStart{Milliseconds(1'000'000)};

TokenBucket Bucket(int count, seconds period, int workers = 1) {
  TokenBucket bucket;
  bucket.SetLimit(model::RateLimit{count, period}, workers, kStart);
  return bucket;
}

bool MayTake(const TokenBucket& bucket, SteadyTime now) { return bucket.NextAt(now) == now; }

// Takes as many as there are; they end at once.
int Drain(TokenBucket& bucket, SteadyTime now) {
  int taken = 0;
  while (MayTake(bucket, now)) {
    bucket.Take();
    bucket.Ended(now);
    ++taken;
  }
  return taken;
}

// The most that arrive in a window of the period, wherever it begins.
int MostInWindow(std::vector<SteadyTime> arrivals, Milliseconds period) {
  std::sort(arrivals.begin(), arrivals.end());
  std::ptrdiff_t most = 0;
  auto first = arrivals.begin();
  for (auto last = arrivals.begin(); last != arrivals.end(); ++last) {
    while (*last - *first >= period) ++first;
    most = std::max(most, last - first + 1);
  }
  return static_cast<int>(most);
}

struct Traffic {
  int workers = 1;
  model::RateLimit limit;
  Milliseconds answer_max{50};
};

// Every worker sends whenever it may; each request arrives at some moment between its start and
// its end.
std::vector<SteadyTime> Arrivals(const Traffic& traffic, base::Random& random, Milliseconds time) {
  struct Worker {
    TokenBucket bucket;
    std::vector<SteadyTime> ends;
  };
  std::vector<Worker> workers(static_cast<std::size_t>(traffic.workers));
  for (Worker& worker : workers) worker.bucket.SetLimit(traffic.limit, traffic.workers, kStart);
  std::vector<SteadyTime> arrivals;
  for (SteadyTime now = kStart; now < kStart + time; now += Milliseconds(1)) {
    for (Worker& worker : workers) {
      std::erase_if(worker.ends, [&](SteadyTime end) {
        if (end <= now) worker.bucket.Ended(now);
        return end <= now;
      });
      while (random.Next() % 4 != 0 && MayTake(worker.bucket, now)) {
        worker.bucket.Take();
        const Milliseconds lasts(random.Next() %
                                 static_cast<std::uint64_t>(traffic.answer_max.count() + 1));
        const Milliseconds way(random.Next() % static_cast<std::uint64_t>(lasts.count() + 1));
        arrivals.push_back(now + way);
        worker.ends.push_back(now + lasts);
      }
    }
  }
  return arrivals;
}

}  // namespace

TEST_CASE("without a limit there is always a token") {
  TokenBucket bucket;
  CHECK_FALSE(bucket.is_limited());
  for (int i = 0; i < 1000; ++i) bucket.Take();
  CHECK(MayTake(bucket, kStart));
}

TEST_CASE("a token comes back a period after its request has ended") {
  TokenBucket bucket = Bucket(2, seconds(1));
  bucket.Take();
  bucket.Take();
  CHECK_FALSE(bucket.NextAt(kStart).has_value());  // both are under way
  bucket.Ended(kStart + Milliseconds(300));
  CHECK(bucket.NextAt(kStart + Milliseconds(300)) == kStart + Milliseconds(1301));
  bucket.Ended(kStart + Milliseconds(400));
  CHECK(bucket.NextAt(kStart + Milliseconds(400)) == kStart + Milliseconds(1301));
  CHECK_FALSE(MayTake(bucket, kStart + Milliseconds(1300)));
  CHECK(MayTake(bucket, kStart + Milliseconds(1301)));
  bucket.Take();
  CHECK(bucket.NextAt(kStart + Milliseconds(1301)) == kStart + Milliseconds(1401));
}

TEST_CASE("a request that was not made costs nothing") {
  TokenBucket bucket = Bucket(1, seconds(3600));
  bucket.Take();
  bucket.Untake();
  CHECK(MayTake(bucket, kStart));
}

// The promise, over a thousand shapes of traffic: also with requests that are long under way.
TEST_CASE("no window holds more than the limit, whatever the traffic") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    Traffic traffic;
    traffic.workers = 1 + static_cast<int>(random.Next() % 4);
    traffic.limit = {traffic.workers + static_cast<int>(random.Next() % 30),
                     seconds(1 + random.Next() % 3)};
    traffic.answer_max = Milliseconds(random.Next() % 1500);
    const auto arrivals = Arrivals(traffic, random, seconds(8));
    CHECK(MostInWindow(arrivals, traffic.limit.period) <= traffic.limit.count);
    CHECK(arrivals.size() >= static_cast<std::size_t>(traffic.limit.count / traffic.workers));
  }
}

TEST_CASE("a fast receiver gets nearly all of its limit") {
  base::SeededRandom random(5);
  const auto arrivals = Arrivals({1, {100, seconds(1)}, Milliseconds(10)}, random, seconds(20));
  CHECK(arrivals.size() >= 1900);
  CHECK(arrivals.size() <= 2000);
}

TEST_CASE("workers share the limit") {
  for (const auto& [workers, tokens] : {std::pair(1, 10), {2, 5}, {3, 3}, {10, 1}, {11, 1}}) {
    CAPTURE(workers);
    TokenBucket bucket = Bucket(10, seconds(1), workers);
    CHECK(Drain(bucket, kStart) == tokens);
  }
}

TEST_CASE("with fewer tokens than workers each has one in a longer time") {
  TokenBucket bucket = Bucket(2, seconds(1), 5);
  CHECK(Drain(bucket, kStart) == 1);
  CHECK(bucket.NextAt(kStart) == kStart + Milliseconds(2501));
}

TEST_CASE("another number of workers gives no fresh tokens") {
  TokenBucket bucket = Bucket(10, seconds(1), 2);
  const model::RateLimit limit{10, seconds(1)};
  CHECK(Drain(bucket, kStart) == 5);
  bucket.SetLimit(limit, 5, kStart);
  CHECK(Drain(bucket, kStart) == 0);
  bucket.SetLimit(limit, 2, kStart);
  CHECK(Drain(bucket, kStart) == 0);
  bucket.SetLimit(limit, 1, kStart);
  CHECK(Drain(bucket, kStart) == 5);  // the other one is dead for a minute: ten in all
  CHECK(Drain(bucket, kStart + Milliseconds(1001)) == 10);
}

TEST_CASE("of a long period the share of a worker that died is taken over after a period") {
  const model::RateLimit limit{100, seconds(600)};
  TokenBucket bucket = Bucket(100, seconds(600), 2);
  bucket.SetLimit(limit, 1, kStart);
  CHECK(Drain(bucket, kStart) == 50);
  const SteadyTime later = kStart + seconds(601);
  bucket.SetLimit(limit, 1, later);
  CHECK(Drain(bucket, later) == 100);
}

TEST_CASE("a new limit counts what was sent under the old one") {
  TokenBucket bucket = Bucket(10, seconds(10));
  CHECK(Drain(bucket, kStart) == 10);
  bucket.SetLimit(model::RateLimit{12, seconds(10)}, 1, kStart);
  CHECK(Drain(bucket, kStart) == 2);
  bucket.SetLimit(model::RateLimit{3, seconds(10)}, 1, kStart);
  CHECK(Drain(bucket, kStart + seconds(9)) == 0);
  CHECK(Drain(bucket, kStart + seconds(11)) == 3);
}

TEST_CASE("a longer period counts what the shorter one had forgotten") {
  TokenBucket bucket = Bucket(5, seconds(1));
  CHECK(Drain(bucket, kStart) == 5);
  CHECK(Drain(bucket, kStart + seconds(2)) == 5);
  const SteadyTime changed = kStart + seconds(4);
  bucket.SetLimit(model::RateLimit{5, seconds(30)}, 1, changed);
  CHECK(Drain(bucket, changed) == 0);
  CHECK(bucket.NextAt(changed) == kStart + seconds(32) + Milliseconds(1));
}

TEST_CASE("an endpoint that gets its first limit has sent before") {
  TokenBucket bucket;
  bucket.SetLimit(std::nullopt, 1, kStart);
  for (int i = 0; i < 100; ++i) bucket.Take();
  for (int i = 0; i < 99; ++i) bucket.Ended(kStart);
  bucket.SetLimit(model::RateLimit{10, seconds(5)}, 1, kStart);
  CHECK(bucket.NextAt(kStart) == kStart + Milliseconds(5001));
  CHECK(Drain(bucket, kStart + Milliseconds(5001)) == 9);  // one is under way
}

TEST_CASE("what an earlier life has sent is waited for, at most a minute") {
  TokenBucket bucket;
  bucket.AssumeUsedUntil(kStart);
  bucket.SetLimit(model::RateLimit{10, seconds(2)}, 1, kStart);
  CHECK(bucket.NextAt(kStart) == kStart + Milliseconds(2001));
  bucket.SetLimit(model::RateLimit{10, seconds(86400)}, 1, kStart);
  CHECK(bucket.NextAt(kStart) == kStart + Milliseconds(60001));
  CHECK(bucket.Remembers(kStart + seconds(59)));
  CHECK_FALSE(bucket.Remembers(kStart + seconds(60)));
}

TEST_CASE("how many may start soon") {
  TokenBucket bucket = Bucket(10, seconds(1));
  CHECK(bucket.Within(kStart, seconds(5)) == 50);
  for (int i = 0; i < 10; ++i) bucket.Take();
  CHECK(bucket.Within(kStart, seconds(5)) == 50);  // they end soon
  TokenBucket slow = Bucket(3, seconds(60));
  CHECK(slow.Within(kStart, seconds(5)) == 3);
  Drain(slow, kStart);
  CHECK(slow.Within(kStart, seconds(5)) == 0);
  CHECK(slow.Within(kStart + seconds(56), seconds(5)) == 3);
  slow.AssumeUsedUntil(kStart + seconds(30));
  CHECK(slow.Within(kStart + seconds(61), seconds(5)) == 0);
  TokenBucket huge = Bucket(1'000'000, seconds(1));
  CHECK(huge.Within(kStart, seconds(5)) == 1'000'000);
}

TEST_CASE("a million a day is remembered in little memory, and kept") {
  TokenBucket bucket = Bucket(1'000'000, seconds(86400));
  SteadyTime now = kStart;
  std::size_t groups_max = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    REQUIRE(MayTake(bucket, now));
    bucket.Take();
    bucket.Ended(now);
    if (i % 100 == 0) now += Milliseconds(8000);  // in 22 hours
    groups_max = std::max(groups_max, bucket.groups());
  }
  CHECK(groups_max < 600);
  CHECK_FALSE(MayTake(bucket, now));
  CHECK_FALSE(MayTake(bucket, kStart + seconds(86400)));
  CHECK(MayTake(bucket, kStart + seconds(86400) + seconds(86400) / 500));
}

TEST_CASE("limits that make no sense still let one through") {
  TokenBucket bucket = Bucket(0, seconds(0), 1000);
  CHECK(Drain(bucket, kStart) == 1);
  CHECK(bucket.NextAt(kStart).has_value());
}
