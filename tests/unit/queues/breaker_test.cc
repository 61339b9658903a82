// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/breaker.h"

#include <doctest/doctest.h>

using namespace webhook::delivery;
namespace base = webhook::base;
using base::Milliseconds;
using base::SteadyTime;
using std::chrono::seconds;
using Change = Breaker::Change;
using Receiver = Finish::Receiver;

namespace {

constexpr SteadyTime kStart{Milliseconds(1'000'000)};

Breaker WithLimit(int failures_max, seconds open = seconds(30)) {
  Breaker breaker;
  breaker.SetSettings({failures_max, open});
  return breaker;
}

Change Try(Breaker& breaker, Receiver receiver, SteadyTime now, webhook::model::RecordId id = 1) {
  REQUIRE(breaker.NextAt(now) == now);
  breaker.OnStarted(id, now);
  return breaker.OnFinished(id, receiver, now);
}

}  // namespace

TEST_CASE("it opens after so many failures in a row, once") {
  Breaker breaker = WithLimit(3);
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kNone);
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kNone);
  CHECK(Try(breaker, Receiver::kAnswered, kStart) == Change::kNone);
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kNone);
  CHECK(Try(breaker, Receiver::kNotAsked, kStart) == Change::kNone);  // says nothing
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kNone);
  CHECK(breaker.is_closed());
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kOpened);
  CHECK_FALSE(breaker.is_closed());
  CHECK(breaker.failures() == 3);
  CHECK(breaker.NextAt(kStart) == kStart + seconds(30));
  // What was under way when it opened.
  CHECK(breaker.OnFinished(7, Receiver::kFailed, kStart + seconds(5)) == Change::kNone);
  CHECK(breaker.NextAt(kStart) == kStart + seconds(30));
}

TEST_CASE("half-open lets exactly one through") {
  Breaker breaker = WithLimit(1);
  Try(breaker, Receiver::kFailed, kStart);
  const SteadyTime later = kStart + seconds(30);
  CHECK(breaker.NextAt(later) == later);
  breaker.OnStarted(5, later);
  CHECK_FALSE(breaker.NextAt(later).has_value());
  CHECK(breaker.OnFinished(9, Receiver::kFailed, later) == Change::kNone);  // an old one
  CHECK_FALSE(breaker.NextAt(later).has_value());
  CHECK(breaker.OnFinished(5, Receiver::kNotAsked, later) == Change::kNone);
  CHECK(breaker.NextAt(later) == later);  // it was not asked: another one may
  breaker.OnStarted(6, later);
  CHECK(breaker.OnFinished(6, Receiver::kAnswered, later) == Change::kClosed);
  CHECK(breaker.is_closed());
  CHECK(breaker.NextAt(later) == later);
}

TEST_CASE("each failed probe doubles the time, up to ten minutes; closing resets it") {
  Breaker breaker = WithLimit(1, seconds(100));
  SteadyTime now = kStart;
  Try(breaker, Receiver::kFailed, now);
  for (const int expected : {100, 200, 400, 600, 600, 600}) {
    CHECK(breaker.NextAt(now) == now + seconds(expected));
    now += seconds(expected);
    CHECK(Try(breaker, Receiver::kFailed, now) == Change::kNone);  // no second opening is told
  }
  now += seconds(600);
  CHECK(Try(breaker, Receiver::kAnswered, now) == Change::kClosed);
  CHECK(Try(breaker, Receiver::kFailed, now) == Change::kOpened);
  CHECK(breaker.NextAt(now) == now + seconds(100));
}

TEST_CASE("an answer to what was under way when it opened closes it") {
  Breaker breaker = WithLimit(1);
  Try(breaker, Receiver::kFailed, kStart);
  CHECK(breaker.OnFinished(3, Receiver::kAnswered, kStart + seconds(1)) == Change::kClosed);
  CHECK(breaker.NextAt(kStart + seconds(1)) == kStart + seconds(1));
}

TEST_CASE("an answer while another one is let through frees the way for all") {
  Breaker breaker = WithLimit(1);
  Try(breaker, Receiver::kFailed, kStart);
  const SteadyTime later = kStart + seconds(30);
  breaker.OnStarted(5, later);
  CHECK(breaker.OnFinished(3, Receiver::kAnswered, later) == Change::kClosed);
  CHECK(breaker.OnFinished(5, Receiver::kFailed, later) == Change::kOpened);
}

TEST_CASE("new settings count with the next failure") {
  Breaker breaker = WithLimit(10);
  for (int i = 0; i < 5; ++i) Try(breaker, Receiver::kFailed, kStart);
  breaker.SetSettings({3, seconds(30)});
  CHECK(breaker.is_closed());
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kOpened);
  breaker.SetSettings({100, seconds(1)});
  CHECK(breaker.NextAt(kStart) == kStart + seconds(30));
}

TEST_CASE("settings that make no sense are bounded") {
  Breaker breaker = WithLimit(-1, seconds(0));
  CHECK(Try(breaker, Receiver::kFailed, kStart) == Change::kOpened);
  CHECK(breaker.NextAt(kStart) == kStart + Milliseconds(1));
  Breaker other = WithLimit(1, seconds(1'000'000));
  Try(other, Receiver::kFailed, kStart);
  CHECK(other.NextAt(kStart) == kStart + kBreakerOpenMax);
}
