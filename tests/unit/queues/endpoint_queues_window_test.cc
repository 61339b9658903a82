// SPDX-License-Identifier: LGPL-3.0-or-later
// How many rows an endpoint may hold, and long histories.
#include <doctest/doctest.h>

#include "lib/base/random.h"
#include "lib/delivery/endpoint_queues.h"
#include "tests/unit/queues/queues_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

TEST_CASE("a quota is what the endpoint's window leaves, at most the limit") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  CHECK(FreeOf(queues, 1) == 20);
  CHECK(FreeOf(queues, 1, 7) == 7);
  PushMany(queues, 1, 15);
  CHECK(FreeOf(queues, 1) == 5);
  CHECK(PopAll(queues).size() == 10);  // in flight counts as well
  CHECK(FreeOf(queues, 1) == 5);
  PushMany(queues, 1, 5);
  CHECK(queues.Quotas(500, kStart).empty());
}

TEST_CASE("an endpoint's window never exceeds window_max") {
  QueuesWorld world(1, 1000);
  EndpointQueues queues({.in_flight_max = 2000, .window_max = 500});
  world.Give(queues);
  CHECK(FreeOf(queues, 1) == 500);
}

TEST_CASE("a window grows while Odoo has more than the endpoint was given, up to the limit") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({.window_max = 150});
  world.Give(queues);
  ClaimAndDrain(queues, 1, 20, false);
  CHECK(queues.WantsRefill(kStart));
  CHECK(FreeOf(queues, 1) == 20);  // had more, nobody knew yet
  ClaimAndDrain(queues, 1, 20, false);
  CHECK(FreeOf(queues, 1) == 40);
  ClaimAndDrain(queues, 1, 40, false);
  CHECK(FreeOf(queues, 1) == 80);
  ClaimAndDrain(queues, 1, 80, false);
  CHECK(FreeOf(queues, 1) == 150);
  ClaimAndDrain(queues, 1, 150, false);
  CHECK(FreeOf(queues, 1) == 150);
}

TEST_CASE("a window does not grow for an endpoint that has no more") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  for (int i = 0; i < 5; ++i) ClaimAndDrain(queues, 1, 19, false);
  CHECK(FreeOf(queues, 1) == 20);
  CHECK_FALSE(queues.WantsRefill(kStart));
}

TEST_CASE("a claim between that brings nothing says nothing: a lane's rest cannot be had yet") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  ClaimAndDrain(queues, 1, 20, false);
  ClaimAndDrain(queues, 1, 0, false);
  ClaimAndDrain(queues, 1, 20, false);
  CHECK(FreeOf(queues, 1) == 40);
  for (int i = 0; i < 5; ++i) ClaimAndDrain(queues, 1, 5, false);
  CHECK(FreeOf(queues, 1) == 80);  // once: the first of them followed upon a full claim
}

TEST_CASE("full claims of others do not make an idle endpoint's window grow") {
  QueuesWorld world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  for (int i = 0; i < 5; ++i) ClaimAndDrain(queues, 1, 20, true);
  CHECK(FreeOf(queues, 2) == 20);
}

TEST_CASE("a window shrinks when rows wait too long, down to twice the concurrency") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({.window_max = 500, .wait_max = Milliseconds(5000)});
  world.Give(queues);
  for (const int came : {20, 20, 40, 80}) ClaimAndDrain(queues, 1, came, false);
  CHECK(FreeOf(queues, 1) == 160);
  const auto wait = [&](Milliseconds waited) {
    PushMany(queues, 1, 1);
    REQUIRE(queues.Pop(kStart + waited).has_value());
    FinishOne(queues, 1);
  };
  wait(Milliseconds(5000));
  CHECK(FreeOf(queues, 1) == 160);
  wait(Milliseconds(5001));
  CHECK(FreeOf(queues, 1) == 80);
  for (int i = 0; i < 10; ++i) wait(Milliseconds(60000));
  CHECK(FreeOf(queues, 1) == 20);
}

TEST_CASE("a refill is wanted when half of the window is free and Odoo has more") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  queues.OnClaimed(queues.Quotas(500, kStart), {{1, 20}}, false);
  PushMany(queues, 1, 20);
  CHECK_FALSE(queues.WantsRefill(kStart));
  PopAll(queues);
  for (int i = 0; i < 9; ++i) FinishOne(queues, 1);
  CHECK_FALSE(queues.WantsRefill(kStart));
  FinishOne(queues, 1);
  CHECK(queues.WantsRefill(kStart));
}

TEST_CASE("a full claim may have left rows of any endpoint behind") {
  QueuesWorld world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  queues.OnClaimed(queues.Quotas(5, kStart), {{1, 5}}, true);
  CHECK(queues.WantsRefill(kStart));
  queues.OnClaimed(queues.Quotas(500, kStart), {{1, 5}}, false);
  CHECK_FALSE(queues.WantsRefill(kStart));
}

TEST_CASE("one quota request stays within what the contract allows") {
  QueuesWorld world(10'001, 1);
  EndpointQueues queues({.outstanding_max = 100'000});
  world.Give(queues);
  std::set<RecordId> asked;
  for (int i = 0; i < 2; ++i) {
    const auto quotas = queues.Quotas(1000, kStart);
    CHECK(quotas.size() <= 10'000);
    for (const model::Quota& quota : quotas) asked.insert(quota.endpoint_id);
  }
  CHECK(asked.size() == 10'001);
}

// Limits hold and nothing is lost through any history; a thousand endpoints get equal shares.
TEST_CASE("a thousand endpoints under a random history") {
  constexpr std::uint64_t kSeed = 99;
  CAPTURE(kSeed);
  base::SeededRandom random(kSeed);
  constexpr int kEndpoints = 1000;
  QueuesWorld world(kEndpoints, 2);
  EndpointQueues queues({.in_flight_max = 50, .window_max = 20, .outstanding_max = 3000});
  world.Give(queues);
  std::map<RecordId, int> in_flight;
  std::multiset<RecordId> flying;
  int pushed = 0;
  int finished = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto dice = random.Next() % 4;
    if (dice == 0) {
      const auto quotas = queues.Quotas(100, kStart);
      if (quotas.empty()) continue;
      const model::Quota quota = quotas[random.Next() % quotas.size()];
      const int count =
          1 + static_cast<int>(random.Next() % static_cast<std::uint64_t>(quota.free));
      queues.OnClaimed(quotas, {{quota.endpoint_id, count}}, random.Next() % 2 == 0);
      PushMany(queues, quota.endpoint_id, count);
      pushed += count;
    } else if (dice == 1 && !flying.empty()) {
      const RecordId id = *flying.begin();
      flying.erase(flying.begin());
      --in_flight[id];
      FinishOne(queues, id);
      ++finished;
    } else if (const auto delivery = queues.Pop(kStart + Milliseconds(random.Next() % 20'000))) {
      flying.insert(delivery->endpoint_id);
      CHECK(++in_flight[delivery->endpoint_id] <= 2);
    }
    REQUIRE(queues.in_flight() == static_cast<int>(flying.size()));
    REQUIRE(queues.in_flight() <= 50);
    REQUIRE(queues.outstanding() == pushed - finished);
    REQUIRE(queues.outstanding() <= 3000);
  }
  CHECK(finished > 1000);
}

TEST_CASE("a thousand endpoints are served once before any is served twice") {
  QueuesWorld world(1000, 5);
  EndpointQueues queues({.in_flight_max = 256});
  world.Give(queues);
  for (RecordId id = 1; id <= 1000; ++id) PushMany(queues, id, 2);
  std::map<RecordId, int> served;
  for (int i = 0; i < 1000; ++i) {
    const auto delivery = queues.Pop(kStart);
    REQUIRE(delivery.has_value());
    CHECK(++served[delivery->endpoint_id] == 1);
    Finish200(queues, *delivery);
  }
  CHECK(served.size() == 1000);
}

TEST_CASE("payloads that wait are limited in bytes") {
  QueuesWorld world(2, 10);
  EndpointQueues queues({.waiting_bytes_max = 1000});
  world.Give(queues);
  const auto push = [&](std::size_t bytes) {
    model::Delivery delivery = Row(1);
    delivery.payload = std::string(bytes, 'x');
    queues.Push(std::move(delivery), kStart);
  };
  push(999);
  CHECK(queues.Room(500) == 500);
  push(1);
  CHECK(queues.Room(500) == 0);
  CHECK(queues.Quotas(500, kStart).empty());
  CHECK(queues.Pop(kStart).has_value());
  CHECK(queues.Room(500) == 500);
  push(5000);
  CHECK(queues.Room(500) == 0);
  queues.TakeAll();
  CHECK(queues.Room(500) == 500);
}
