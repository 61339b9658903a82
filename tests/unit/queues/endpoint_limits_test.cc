// SPDX-License-Identifier: LGPL-3.0-or-later
// Rate limits, breakers and the number of workers among the queues.
#include <doctest/doctest.h>

#include "tests/unit/queues/queues_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using base::SteadyTime;
using std::chrono::seconds;

namespace {

AfterFinish Fail(EndpointQueues& queues, const model::Delivery& delivery, SteadyTime at) {
  return queues.Finished(delivery, {model::DeliveryState::kError, Finish::Receiver::kFailed}, at);
}

// Endpoint 1 may send `count` in `period`; this worker is alone.
struct RateWorld : QueuesWorld {
  EndpointQueues queues{QueueLimits{}};

  explicit RateWorld(int count, seconds period, int endpoints = 1) : QueuesWorld(endpoints, 100) {
    configuration.endpoints[1].rate_limit = model::RateLimit{count, period};
    Give(queues);
    queues.SetWorkersAlive(1, kStart);
  }
  int SendAll(SteadyTime at) {
    int sent = 0;
    while (auto delivery = queues.Pop(at)) {
      Finish200(queues, *delivery, at);
      ++sent;
    }
    return sent;
  }
};

struct BreakerWorld : QueuesWorld {
  EndpointQueues queues{QueueLimits{}};

  explicit BreakerWorld(int failures_max) : QueuesWorld(2, 100) {
    configuration.endpoints[1].breaker = model::BreakerSettings{failures_max, seconds(30)};
    Give(queues);
    queues.SetWorkersAlive(1, kStart);
  }
};

}  // namespace

TEST_CASE("a rate limit holds one endpoint back and no other") {
  RateWorld world(3, seconds(1), 2);
  PushMany(world.queues, 1, 10);
  PushMany(world.queues, 2, 10);
  CHECK(world.SendAll(kStart) == 13);
  CHECK(world.queues.NextStartAt() == kStart + Milliseconds(1001));
  CHECK(world.SendAll(kStart + Milliseconds(1000)) == 0);
  CHECK(world.SendAll(kStart + Milliseconds(1001)) == 3);
  CHECK(world.SendAll(kStart + Milliseconds(2002)) == 3);
  CHECK(world.SendAll(kStart + Milliseconds(3003)) == 1);
  CHECK_FALSE(world.queues.NextStartAt().has_value());
}

TEST_CASE("a rate-limited endpoint is asked for what it can send in five seconds") {
  RateWorld world(3, seconds(1));
  CHECK(FreeOf(world.queues, 1) == 15);
  PushMany(world.queues, 1, 10);
  CHECK(FreeOf(world.queues, 1) == 5);
  RateWorld slow(1, seconds(60));
  CHECK(FreeOf(slow.queues, 1) == 1);
  PushMany(slow.queues, 1, 1);
  CHECK(slow.SendAll(kStart) == 1);
  CHECK(FreeOf(slow.queues, 1) == 0);
  CHECK(FreeOf(slow.queues, 1, 1000, kStart + seconds(56)) == 1);
}

TEST_CASE("a rate-limited endpoint that has more is refilled in time") {
  RateWorld world(10, seconds(1));
  world.queues.OnClaimed(world.queues.Quotas(500, kStart), {{1, 50}}, false);
  PushMany(world.queues, 1, 50);
  CHECK_FALSE(world.queues.WantsRefill(kStart));
  SteadyTime now = kStart;
  int sent = 0;
  while (!world.queues.WantsRefill(now)) {
    sent += world.SendAll(now);
    now += Milliseconds(10);
  }
  CHECK(sent >= 20);
  CHECK(sent <= 40);
}

TEST_CASE("pausing, editing or dropping an endpoint gives no fresh tokens") {
  RateWorld world(5, seconds(10));
  PushMany(world.queues, 1, 20);
  CHECK(world.SendAll(kStart) == 5);
  world.configuration.endpoints[1].active = false;
  world.Give(world.queues);
  const auto held = world.queues.TakeAll();
  world.configuration.endpoints[1].active = true;
  world.Give(world.queues);
  PushMany(world.queues, 1, 5);
  CHECK(world.SendAll(kStart + seconds(1)) == 0);
  world.queues.TakeAll();
  const model::Endpoint endpoint = world.configuration.endpoints[1];
  world.configuration.endpoints.erase(1);
  world.Give(world.queues, kStart + seconds(2));
  world.configuration.endpoints[1] = endpoint;
  world.Give(world.queues, kStart + seconds(3));
  PushMany(world.queues, 1, 20);
  CHECK(world.SendAll(kStart + seconds(4)) == 0);
  CHECK(world.SendAll(kStart + seconds(11)) == 5);
}

TEST_CASE("a process that follows another waits until the other's requests are out of the window") {
  QueuesWorld world(2, 100);
  world.configuration.endpoints[1].rate_limit = model::RateLimit{5, seconds(3)};
  EndpointQueues queues({});
  queues.AssumeSentUntil(kStart);  // before any configuration
  world.Give(queues);
  queues.SetWorkersAlive(1, kStart);
  PushMany(queues, 1, 20);
  PushMany(queues, 2, 20);
  CHECK(PopAll(queues).size() == 20);  // without a limit nothing waits
  CHECK(queues.NextStartAt() == kStart + Milliseconds(3001));
  CHECK(PopAll(queues, kStart + Milliseconds(3001)).size() == 5);
}

TEST_CASE("a worker that appears among others waits until they must know of it") {
  QueuesWorld world(1, 100);
  world.configuration.endpoints[1].rate_limit = model::RateLimit{6, seconds(1)};
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 20);
  CHECK(PopAll(queues).empty());  // not told yet
  queues.SetWorkersAlive(3, kStart);
  CHECK(PopAll(queues).empty());
  const SteadyTime known = kStart + Milliseconds(7001);
  CHECK(queues.NextStartAt() == known);
  CHECK(PopAll(queues, known).size() == 2);
  // Not heard of Odoo for long: who knows how many there are by now.
  for (int i = 0; i < 2; ++i) FinishOne(queues, 1, known);
  CHECK(PopAll(queues, known + seconds(50)).empty());
  queues.SetWorkersAlive(1, known + seconds(50));
  CHECK(PopAll(queues, known + seconds(50)).size() == 6);
}

TEST_CASE("workers share the concurrency of an endpoint, each has one at least") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  queues.SetWorkersAlive(3, kStart);
  PushMany(queues, 1, 20);
  CHECK(PopAll(queues).size() == 3);
  queues.SetWorkersAlive(1, kStart);
  CHECK(PopAll(queues).size() == 7);
  queues.SetWorkersAlive(100, kStart);
  for (int i = 0; i < 9; ++i) FinishOne(queues, 1);
  CHECK(PopAll(queues).empty());
  FinishOne(queues, 1);
  CHECK(PopAll(queues).size() == 1);
}

TEST_CASE("a breaker that opens gives back what waits and asks for nothing") {
  BreakerWorld world(3);
  PushMany(world.queues, 1, 10);
  PushMany(world.queues, 2, 1);
  std::vector<model::Delivery> flying;
  for (int i = 0; i < 5; ++i) flying.push_back(*world.queues.Pop(kStart));
  int failed = 0;
  std::size_t given_back = 0;
  for (const model::Delivery& delivery : flying) {
    if (delivery.endpoint_id != 1) continue;
    const AfterFinish after = Fail(world.queues, delivery, kStart);
    CHECK((after.breaker == Breaker::Change::kOpened) == (++failed == 3));
    given_back += after.give_back.size();
  }
  CHECK(failed == 4);
  CHECK(given_back == 6);
  CHECK(Asked(world.queues) == std::set<RecordId>{2});
  CHECK(world.queues.BreakerOf(1).open_for() == seconds(30));
}

TEST_CASE("half-open: one row is asked for, one is sent, and its answer opens the gate") {
  BreakerWorld world(1);
  PushMany(world.queues, 1, 1);
  Fail(world.queues, *world.queues.Pop(kStart), kStart);
  PushMany(world.queues, 1, 5);  // a claim that was under way
  CHECK(world.queues.NextStartAt() == kStart + seconds(30));
  CHECK_FALSE(world.queues.Pop(kStart + Milliseconds(29'999)).has_value());
  const SteadyTime later = kStart + seconds(30);
  CHECK(FreeOf(world.queues, 1, 1000, later) == 0);  // enough is here
  const auto probe = world.queues.Pop(later);
  REQUIRE(probe.has_value());
  CHECK_FALSE(world.queues.Pop(later).has_value());
  SUBCASE("it fails") {
    CHECK(Fail(world.queues, *probe, later).give_back.size() == 4);
    CHECK(Asked(world.queues, later + seconds(59)) == std::set<RecordId>{2});
    CHECK(FreeOf(world.queues, 1, 1000, later + seconds(60)) == 1);
  }
  SUBCASE("it is answered") {
    const Finish answered{model::DeliveryState::kDeadLetter, Finish::Receiver::kAnswered};
    CHECK(world.queues.Finished(*probe, answered, later).breaker == Breaker::Change::kClosed);
    CHECK(PopAll(world.queues, later).size() == 4);
    CHECK(FreeOf(world.queues, 1, 1000, later) > 1);
  }
  SUBCASE("it was not asked") {
    world.queues.Unsent(*probe, later);
    CHECK(world.queues.Pop(later).has_value());
    CHECK_FALSE(world.queues.Pop(later).has_value());
  }
}

TEST_CASE("without settings an endpoint has a breaker of ten failures") {
  QueuesWorld world(1, 100);
  EndpointQueues queues({});
  world.Give(queues);
  for (int i = 1; i <= 10; ++i) {
    PushMany(queues, 1, 1);
    const AfterFinish after = Fail(queues, *queues.Pop(kStart), kStart);
    CHECK((after.breaker == Breaker::Change::kOpened) == (i == 10));
  }
}

TEST_CASE("rows of an endpoint that is held leave at once, whatever its limits") {
  BreakerWorld world(1);
  PushMany(world.queues, 1, 1);
  Fail(world.queues, *world.queues.Pop(kStart), kStart);
  PushMany(world.queues, 1, 3);
  world.configuration.endpoints[1].held_reason = "endpoint_paused";
  world.Give(world.queues);
  int left = 0;
  while (const auto delivery = world.queues.Pop(kStart)) {
    world.queues.Unsent(*delivery, kStart);
    ++left;
  }
  CHECK(left == 3);
  CHECK(world.queues.outstanding() == 0);
}
