// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_queues.h"

#include <doctest/doctest.h>

#include <set>

#include "lib/base/random.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using base::Milliseconds;
using model::RecordId;

namespace {

const base::SteadyTime kStart{Milliseconds(1000)};

// A configuration of endpoints 1..n, changed by the tests.
struct World {
  model::Configuration configuration;

  explicit World(int endpoints = 0, int concurrency_max = 10) {
    configuration.retry_policies[1].id = 1;
    for (int id = 1; id <= endpoints; ++id) Add(id, concurrency_max);
  }
  model::Endpoint& Add(RecordId id, int concurrency_max = 10) {
    model::Endpoint& endpoint = configuration.endpoints[id];
    endpoint.id = id;
    endpoint.active = true;
    endpoint.retry_policy_id = 1;
    endpoint.concurrency_max = concurrency_max;
    return endpoint;
  }
  void Give(EndpointQueues& queues) const {
    queues.SetConfiguration(std::make_shared<const model::Configuration>(configuration));
  }
};

model::Delivery Row(RecordId endpoint_id, RecordId id = 1) {
  model::Delivery delivery;
  delivery.id = id;
  delivery.endpoint_id = endpoint_id;
  return delivery;
}

void PushMany(EndpointQueues& queues, RecordId endpoint_id, int count,
              base::SteadyTime at = kStart) {
  for (int i = 0; i < count; ++i) queues.Push(Row(endpoint_id, i + 1), at);
}

std::vector<RecordId> PopAll(EndpointQueues& queues, base::SteadyTime at = kStart) {
  std::vector<RecordId> endpoints;
  while (auto delivery = queues.Pop(at)) endpoints.push_back(delivery->endpoint_id);
  return endpoints;
}

// What the endpoint may get now, 0 when it is not in the quotas.
int FreeOf(EndpointQueues& queues, RecordId endpoint_id, int limit = 1000) {
  for (const model::Quota& quota : queues.Quotas(limit)) {
    if (quota.endpoint_id == endpoint_id) return quota.free;
  }
  return 0;
}

std::set<RecordId> Asked(EndpointQueues& queues) {
  std::set<RecordId> ids;
  for (const model::Quota& quota : queues.Quotas(1000)) ids.insert(quota.endpoint_id);
  return ids;
}

// One claim that brought `came` rows for the endpoint, which are sent and finished at once.
void ClaimAndDrain(EndpointQueues& queues, RecordId id, int came, bool limit_reached) {
  const auto quotas = queues.Quotas(1000);
  queues.OnClaimed(quotas, {{id, came}}, limit_reached);
  PushMany(queues, id, came);
  while (auto delivery = queues.Pop(kStart)) queues.Finished(delivery->endpoint_id);
}

}  // namespace

TEST_CASE("nothing is claimed without a configuration") {
  EndpointQueues queues({});
  CHECK(queues.Quotas(500).empty());
  CHECK_FALSE(queues.WantsRefill());
  CHECK_FALSE(queues.Pop(kStart).has_value());
  CHECK(queues.TakeAll().empty());
}

TEST_CASE("only endpoints that this worker can serve are claimed for") {
  World world(1);
  world.Add(2).active = false;
  world.Add(3).held_reason = "endpoint_paused";
  world.Add(4).retry_policy_id = 9;  // not there
  world.Add(5).handler_id = 1;
  world.Add(6).handler_id = 2;
  world.Add(7).handler_id = 9;  // not there
  world.configuration.handlers[1] = {1, "rules", model::ExecutionMode::kModelDriven, true};
  world.configuration.handlers[2] = {2, "python", model::ExecutionMode::kPython, true};
  EndpointQueues queues({});
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{1, 5});
}

TEST_CASE("one endpoint's requests are capped by its concurrency") {
  World world(1, 3);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 5);
  CHECK(PopAll(queues).size() == 3);
  CHECK(queues.in_flight() == 3);
  CHECK(queues.outstanding() == 5);
  queues.Finished(1);
  CHECK(PopAll(queues).size() == 1);
  CHECK(queues.in_flight() == 3);
}

TEST_CASE("one endpoint's rows leave in the order they came") {
  World world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 5);
  for (RecordId id = 1; id <= 5; ++id) CHECK(queues.Pop(kStart)->id == id);
}

TEST_CASE("all requests together are capped by in_flight_max") {
  World world(10, 10);
  EndpointQueues queues({.in_flight_max = 7});
  world.Give(queues);
  for (RecordId id = 1; id <= 10; ++id) PushMany(queues, id, 5);
  CHECK(PopAll(queues).size() == 7);
  queues.Finished(1);
  CHECK(PopAll(queues).size() == 1);
}

TEST_CASE("endpoints take turns: a long queue delays nobody") {
  World world(3, 100);
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
  World world(4, 10);
  EndpointQueues queues({.in_flight_max = 2});
  world.Give(queues);
  for (RecordId id = 1; id <= 4; ++id) PushMany(queues, id, 10);
  std::vector<RecordId> order;
  for (int round = 0; round < 4; ++round) {
    for (const RecordId id : PopAll(queues)) {
      order.push_back(id);
      queues.Finished(id);
    }
  }
  CHECK(order == std::vector<RecordId>{1, 2, 3, 4, 1, 2, 3, 4});
}

TEST_CASE("an endpoint that never answers keeps its slots and no others") {
  World world(2, 4);
  EndpointQueues queues({.in_flight_max = 16});
  world.Give(queues);
  PushMany(queues, 1, 8);  // dead: never finished
  PushMany(queues, 2, 20);
  int healthy = 0;
  for (int round = 0; round < 5; ++round) {
    for (const RecordId id : PopAll(queues)) {
      if (id == 1) continue;
      ++healthy;
      queues.Finished(id);
    }
  }
  CHECK(healthy == 20);
}

TEST_CASE("quotas start with another endpoint each time") {
  World world(3);
  EndpointQueues queues({});
  world.Give(queues);
  std::vector<RecordId> first;
  for (int i = 0; i < 4; ++i) {
    const auto quotas = queues.Quotas(500);
    REQUIRE(quotas.size() == 3);
    first.push_back(quotas.front().endpoint_id);
  }
  CHECK(first == std::vector<RecordId>{1, 2, 3, 1});
}

TEST_CASE("a quota is what the endpoint's window leaves, at most the limit") {
  World world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  CHECK(FreeOf(queues, 1) == 20);
  CHECK(FreeOf(queues, 1, 7) == 7);
  PushMany(queues, 1, 15);
  CHECK(FreeOf(queues, 1) == 5);
  CHECK(PopAll(queues).size() == 10);  // in flight counts as well
  CHECK(FreeOf(queues, 1) == 5);
  PushMany(queues, 1, 5);
  CHECK(queues.Quotas(500).empty());
}

TEST_CASE("an endpoint's window never exceeds window_max") {
  World world(1, 1000);
  EndpointQueues queues({.in_flight_max = 2000, .window_max = 500});
  world.Give(queues);
  CHECK(FreeOf(queues, 1) == 500);
}

TEST_CASE("all rows together are capped by outstanding_max") {
  World world(50, 10);
  EndpointQueues queues({.outstanding_max = 100});
  world.Give(queues);
  for (RecordId id = 1; id <= 10; ++id) PushMany(queues, id, 9);
  CHECK(queues.Room(500) == 10);
  for (const model::Quota& quota : queues.Quotas(500)) CHECK(quota.free <= 10);
  PushMany(queues, 11, 10);
  CHECK(queues.Room(500) == 0);
  CHECK(queues.Quotas(500).empty());
}

TEST_CASE("a window grows while Odoo has more than the endpoint was given, up to the limit") {
  World world(1, 10);
  EndpointQueues queues({.window_max = 150});
  world.Give(queues);
  ClaimAndDrain(queues, 1, 20, false);
  CHECK(queues.WantsRefill());
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
  World world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  for (int i = 0; i < 5; ++i) ClaimAndDrain(queues, 1, 19, false);
  CHECK(FreeOf(queues, 1) == 20);
  CHECK_FALSE(queues.WantsRefill());
}

TEST_CASE("full claims of others do not make an idle endpoint's window grow") {
  World world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  for (int i = 0; i < 5; ++i) ClaimAndDrain(queues, 1, 20, true);
  CHECK(FreeOf(queues, 2) == 20);
}

TEST_CASE("a window shrinks when rows wait too long, down to twice the concurrency") {
  World world(1, 10);
  EndpointQueues queues({.window_max = 500, .wait_max = Milliseconds(5000)});
  world.Give(queues);
  for (const int came : {20, 20, 40, 80}) ClaimAndDrain(queues, 1, came, false);
  CHECK(FreeOf(queues, 1) == 160);
  const auto wait = [&](Milliseconds waited) {
    PushMany(queues, 1, 1);
    REQUIRE(queues.Pop(kStart + waited).has_value());
    queues.Finished(1);
  };
  wait(Milliseconds(5000));
  CHECK(FreeOf(queues, 1) == 160);
  wait(Milliseconds(5001));
  CHECK(FreeOf(queues, 1) == 80);
  for (int i = 0; i < 10; ++i) wait(Milliseconds(60000));
  CHECK(FreeOf(queues, 1) == 20);
}

TEST_CASE("a refill is wanted when half of the window is free and Odoo has more") {
  World world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  queues.OnClaimed(queues.Quotas(500), {{1, 20}}, false);
  PushMany(queues, 1, 20);
  CHECK_FALSE(queues.WantsRefill());
  PopAll(queues);
  for (int i = 0; i < 9; ++i) queues.Finished(1);
  CHECK_FALSE(queues.WantsRefill());
  queues.Finished(1);
  CHECK(queues.WantsRefill());
}

TEST_CASE("a full claim may have left rows of any endpoint behind") {
  World world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  queues.OnClaimed(queues.Quotas(5), {{1, 5}}, true);
  CHECK(queues.WantsRefill());
  queues.OnClaimed(queues.Quotas(500), {{1, 5}}, false);
  CHECK_FALSE(queues.WantsRefill());
}

TEST_CASE("a held endpoint keeps what is in flight and is claimed for no more") {
  World world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 20);
  CHECK(PopAll(queues).size() == 10);
  queues.OnClaimed({{1, 20}}, {{1, 20}}, true);
  world.configuration.endpoints[1].held_reason = "endpoint_paused";
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{2});
  for (int i = 0; i < 10; ++i) queues.Finished(1);
  CHECK(queues.in_flight() == 0);
  world.configuration.endpoints[1].held_reason.clear();
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{1, 2});
}

TEST_CASE("an endpoint that goes away while in flight can still finish") {
  World world(2, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 3);
  CHECK(PopAll(queues).size() == 3);
  world.configuration.endpoints.erase(1);
  world.Give(queues);
  world.Give(queues);
  for (int i = 0; i < 3; ++i) queues.Finished(1);
  CHECK(queues.in_flight() == 0);
  world.Give(queues);
  CHECK(Asked(queues) == std::set<RecordId>{2});
}

TEST_CASE("a new concurrency counts at once, also a smaller one with more in flight") {
  World world(1, 10);
  EndpointQueues queues({});
  world.Give(queues);
  PushMany(queues, 1, 20);
  CHECK(PopAll(queues).size() == 10);
  world.configuration.endpoints[1].concurrency_max = 2;
  world.Give(queues);
  for (int i = 0; i < 8; ++i) {
    CHECK(PopAll(queues).empty());
    queues.Finished(1);
  }
  CHECK(PopAll(queues).empty());
  queues.Finished(1);
  CHECK(PopAll(queues).size() == 1);
  world.configuration.endpoints[1].concurrency_max = 6;
  world.Give(queues);
  CHECK(PopAll(queues).size() == 4);
}

TEST_CASE("a row of an endpoint nobody asked for is not lost") {
  World world(1);
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
  World world(3, 2);
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

TEST_CASE("one quota request stays within what the contract allows") {
  World world(10'001, 1);
  EndpointQueues queues({.outstanding_max = 100'000});
  world.Give(queues);
  std::set<RecordId> asked;
  for (int i = 0; i < 2; ++i) {
    const auto quotas = queues.Quotas(1000);
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
  World world(kEndpoints, 2);
  EndpointQueues queues({.in_flight_max = 50, .window_max = 20, .outstanding_max = 3000});
  world.Give(queues);
  std::map<RecordId, int> in_flight;
  std::multiset<RecordId> flying;
  int pushed = 0;
  int finished = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto dice = random.Next() % 4;
    if (dice == 0) {
      const auto quotas = queues.Quotas(100);
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
      queues.Finished(id);
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
  World world(1000, 5);
  EndpointQueues queues({.in_flight_max = 256});
  world.Give(queues);
  for (RecordId id = 1; id <= 1000; ++id) PushMany(queues, id, 2);
  std::map<RecordId, int> served;
  for (int i = 0; i < 1000; ++i) {
    const auto delivery = queues.Pop(kStart);
    REQUIRE(delivery.has_value());
    CHECK(++served[delivery->endpoint_id] == 1);
    queues.Finished(delivery->endpoint_id);
  }
  CHECK(served.size() == 1000);
}

TEST_CASE("no endpoint takes more than a quarter of all slots") {
  World world(1, 1000);
  EndpointQueues queues({.in_flight_max = 40});
  world.Give(queues);
  PushMany(queues, 1, 50);
  CHECK(PopAll(queues).size() == 10);
}

TEST_CASE("a quarter of all slots is kept for endpoints that have nothing under way") {
  World world(20, 10);
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
    World world(8, 10);
    EndpointQueues queues({.in_flight_max = slots});
    world.Give(queues);
    for (RecordId id = 1; id <= 8; ++id) PushMany(queues, id, 3);
    int served = 0;
    for (int round = 0; round < 200 && queues.outstanding() > 0; ++round) {
      for (const RecordId id : PopAll(queues)) {
        queues.Finished(id);
        ++served;
      }
    }
    CHECK(served == 24);
  }
}

TEST_CASE("payloads that wait are limited in bytes") {
  World world(2, 10);
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
  CHECK(queues.Quotas(500).empty());
  CHECK(queues.Pop(kStart).has_value());
  CHECK(queues.Room(500) == 500);
  push(5000);
  CHECK(queues.Room(500) == 0);
  queues.TakeAll();
  CHECK(queues.Room(500) == 500);
}
