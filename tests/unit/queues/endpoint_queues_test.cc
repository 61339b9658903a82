// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_queues.h"

#include <doctest/doctest.h>

#include <memory>

#include "tests/unit/queues/queues_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

TEST_CASE("nothing is claimed without a configuration") {
  EndpointQueues queues({});
  CHECK(queues.Quotas(500, kStart).empty());
  CHECK_FALSE(queues.WantsRefill(kStart));
  CHECK_FALSE(queues.Pop(kStart).has_value());
  CHECK(queues.TakeAll().empty());
}

TEST_CASE("only endpoints that this worker can serve are claimed for") {
  QueuesWorld world(1);
  world.Add(2).active = false;
  world.Add(3).held_reason = "endpoint_paused";
  world.Add(4).retry_policy_id = 9;  // not there
  world.Add(5).handler_id = 1;
  world.Add(6).handler_id = 2;
  world.Add(7).handler_id = 9;  // not there
  world.Add(8).handler_id = 3;
  world.Add(10).handler_id = 4;
  world.configuration.handlers[1].id = 1;
  world.configuration.handlers[2].execution_mode = model::ExecutionMode::kPython;
  for (const RecordId id : {3, 4}) {
    model::Handler& handler = world.configuration.handlers[id];
    handler.execution_mode = model::ExecutionMode::kNative;
    handler.native_callback = id == 3 ? "acme.here" : "acme.elsewhere";
  }
  EndpointQueues queues({});
  world.book.callbacks = {"acme.here"};
  world.book.endpoints[1].endpoint_id = 1;
  world.Add(11);
  world.book.endpoints[11].not_here = "auth: its secret is not sealed to a key that is here";
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{1, 5, 6, 8});
}

TEST_CASE("one endpoint's requests are capped by its concurrency") {
  QueuesWorld world(1, 3);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 5);
  CHECK(PopAll(queues).size() == 3);
  CHECK(queues.in_flight() == 3);
  CHECK(queues.outstanding() == 5);
  FinishOne(queues, 1);
  CHECK(PopAll(queues).size() == 1);
  CHECK(queues.in_flight() == 3);
}

TEST_CASE("one endpoint's rows leave in the order they came") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 5);
  for (RecordId id = 1; id <= 5; ++id) CHECK(queues.Pop(kStart)->id == id);
}

TEST_CASE("all requests together are capped by in_flight_max") {
  QueuesWorld world(10, 10);
  EndpointQueues queues({.in_flight_max = 7});
  world.Give(queues);
  for (RecordId id = 1; id <= 10; ++id) PushMany(queues, id, 5);
  CHECK(PopAll(queues).size() == 7);
  FinishOne(queues, 1);
  CHECK(PopAll(queues).size() == 1);
}

TEST_CASE("endpoints take turns: a long queue delays nobody") {
  QueuesWorld world(3, 100);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 50);
  PushMany(queues, 2, 2);
  PushMany(queues, 3, 1);
  const auto order = PopAll(queues);
  REQUIRE(order.size() == 53);
  CHECK(std::vector<RecordId>(order.begin(), order.begin() + 6) ==
        std::vector<RecordId>{1, 2, 3, 1, 2, 1});
}

TEST_CASE("turns go on where they stopped") {
  QueuesWorld world(4, 10);
  EndpointQueues queues({.in_flight_max = 2});
  world.Give(queues);
  for (RecordId id = 1; id <= 4; ++id) PushMany(queues, id, 10);
  std::vector<RecordId> order;
  for (int round = 0; round < 4; ++round) {
    for (const RecordId id : PopAll(queues)) {
      order.push_back(id);
      FinishOne(queues, id);
    }
  }
  CHECK(order == std::vector<RecordId>{1, 2, 3, 4, 1, 2, 3, 4});
}

TEST_CASE("an endpoint that never answers keeps its slots and no others") {
  QueuesWorld world(2, 4);
  EndpointQueues queues({.in_flight_max = 16});
  world.Give(queues);
  PushMany(queues, 1, 8);  // dead: never finished
  PushMany(queues, 2, 20);
  int healthy = 0;
  for (int round = 0; round < 5; ++round) {
    for (const RecordId id : PopAll(queues)) {
      if (id == 1) continue;
      ++healthy;
      FinishOne(queues, id);
    }
  }
  CHECK(healthy == 20);
}

TEST_CASE("quotas start with another endpoint each time") {
  QueuesWorld world(3);
  EndpointQueues queues({});
  world.Give(queues);
  std::vector<RecordId> first;
  for (int i = 0; i < 4; ++i) {
    const auto quotas = queues.Quotas(500, kStart);
    REQUIRE(quotas.size() == 3);
    first.push_back(quotas.front().endpoint_id);
  }
  CHECK(first == std::vector<RecordId>{1, 2, 3, 1});
}

TEST_CASE("all rows together are capped by outstanding_max") {
  QueuesWorld world(50, 10);
  EndpointQueues queues({.outstanding_max = 100});
  world.Give(queues);
  for (RecordId id = 1; id <= 10; ++id) PushMany(queues, id, 9);
  CHECK(queues.Room(500) == 10);
  for (const model::Quota& quota : queues.Quotas(500, kStart)) CHECK(quota.free <= 10);
  PushMany(queues, 11, 10);
  CHECK(queues.Room(500) == 0);
  CHECK(queues.Quotas(500, kStart).empty());
}

TEST_CASE("a held endpoint keeps what is in flight and is claimed for no more") {
  QueuesWorld world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 20);
  CHECK(PopAll(queues).size() == 10);
  queues.OnClaimed({{1, 20}}, {{1, 20}}, true);
  world.configuration.endpoints[1].held_reason = "endpoint_paused";
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{2});
  for (int i = 0; i < 10; ++i) FinishOne(queues, 1);
  CHECK(queues.in_flight() == 0);
  world.configuration.endpoints[1].held_reason.clear();
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{1, 2});
}

TEST_CASE("an endpoint that goes away while in flight can still finish") {
  QueuesWorld world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 3);
  CHECK(PopAll(queues).size() == 3);
  world.configuration.endpoints.erase(1);
  world.Give(queues);
  world.Give(queues);
  for (int i = 0; i < 3; ++i) FinishOne(queues, 1);
  CHECK(queues.in_flight() == 0);
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{2});
}

TEST_CASE("a new concurrency counts at once, also a smaller one with more in flight") {
  QueuesWorld world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 20);
  CHECK(PopAll(queues).size() == 10);
  world.configuration.endpoints[1].concurrency_max = 2;
  world.Give(queues);
  for (int i = 0; i < 8; ++i) {
    CHECK(PopAll(queues).empty());
    FinishOne(queues, 1);
  }
  CHECK(PopAll(queues).empty());
  FinishOne(queues, 1);
  CHECK(PopAll(queues).size() == 1);
  world.configuration.endpoints[1].concurrency_max = 6;
  world.Give(queues);
  CHECK(PopAll(queues).size() == 4);
}

TEST_CASE("a row of an endpoint nobody asked for is not lost") {
  QueuesWorld world(1);
  EndpointQueues queues({});
  world.Give(queues);
  queues.Push(Row(99, 5), kStart);
  CHECK(queues.outstanding() == 1);
  world.Give(queues);
  const auto taken = queues.TakeAll();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].id == 5);
}

TEST_CASE("everything that waits can be taken, what is in flight stays") {
  QueuesWorld world(3, 2);
  EndpointQueues queues({});
  world.Give(queues);
  for (RecordId id = 1; id <= 3; ++id) PushMany(queues, id, 5);
  CHECK(PopAll(queues).size() == 6);
  CHECK(queues.TakeAll().size() == 9);
  CHECK(queues.outstanding() == 6);
  CHECK(queues.in_flight() == 6);
  CHECK(queues.TakeAll().empty());
  CHECK(PopAll(queues).empty());
}

TEST_CASE("no endpoint takes more than a quarter of all slots") {
  QueuesWorld world(1, 1000);
  EndpointQueues queues({.in_flight_max = 40});
  world.Give(queues);
  PushMany(queues, 1, 50);
  CHECK(PopAll(queues).size() == 10);
}

TEST_CASE("a quarter of all slots is kept for endpoints that have nothing under way") {
  QueuesWorld world(20, 10);
  EndpointQueues queues({.in_flight_max = 40});
  world.Give(queues);
  for (RecordId id = 1; id <= 5; ++id) PushMany(queues, id, 10);  // they all hang
  CHECK(PopAll(queues).size() == 30);
  for (RecordId id = 6; id <= 20; ++id) PushMany(queues, id, 3);
  const auto served = PopAll(queues);
  CHECK(served.size() == 10);
  CHECK(std::set<RecordId>(served.begin(), served.end()).size() == 10);
}

TEST_CASE("a worker with few slots still works") {
  for (int slots = 1; slots <= 4; ++slots) {
    QueuesWorld world(8, 10);
    EndpointQueues queues({.in_flight_max = slots});
    world.Give(queues);
    for (RecordId id = 1; id <= 8; ++id) PushMany(queues, id, 3);
    int served = 0;
    for (int round = 0; round < 200 && queues.outstanding() > 0; ++round) {
      for (const RecordId id : PopAll(queues)) {
        FinishOne(queues, id);
        ++served;
      }
    }
    CHECK(served == 24);
  }
}
