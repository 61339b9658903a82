// SPDX-License-Identifier: LGPL-3.0-or-later
// The cost of a turn does not grow with the number of endpoints. The bound is loose, for a loaded
// machine; what is measured is printed.
#include <doctest/doctest.h>

#include <chrono>

#include "tests/unit/queues/queues_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

TEST_CASE("10,000 endpoints, 4,000 rows: a turn costs microseconds") {
  constexpr int kEndpoints = 10'000;
  constexpr int kTurns = 20'000;
  QueuesWorld world(kEndpoints, 10);
  for (int id = 1; id <= kEndpoints; id += 3) {
    world.configuration.endpoints[id].rate_limit = model::RateLimit{1, std::chrono::seconds(1)};
  }
  EndpointQueues queues({});
  world.Give(queues);
  queues.SetWorkersAlive(1, kStart);
  for (int id = 1; id <= 4'000; ++id) queues.Push(Row(id * 2, id), kStart);
  const auto from = std::chrono::steady_clock::now();
  int served = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    const base::SteadyTime now = kStart + Milliseconds(turn / 5);
    queues.WantsRefill(now);
    const auto delivery = queues.Pop(now);
    if (!delivery) continue;
    ++served;
    Finish200(queues, *delivery, now);
    queues.Push(*delivery, now);
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - from;
  MESSAGE("one turn: ", took.count() / kTurns, " us, ", served, " served");
  CHECK(served == kTurns);
  CHECK(took.count() / kTurns < 100);
}
