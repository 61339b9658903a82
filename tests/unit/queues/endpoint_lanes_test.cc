// SPDX-License-Identifier: LGPL-3.0-or-later
// Lanes among the queues: order, one at a time, and what is given back.
#include <doctest/doctest.h>

#include <string>

#include "lib/base/random.h"
#include "tests/unit/queues/queues_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

model::Delivery LaneRow(RecordId endpoint_id, RecordId id, const std::string& lane) {
  model::Delivery delivery = Row(endpoint_id, id);
  delivery.lane = lane;
  return delivery;
}

AfterFinish Come(EndpointQueues& queues, const model::Delivery& delivery,
                 model::DeliveryState state) {
  return queues.Finished(delivery, {state, Finish::Receiver::kAnswered}, kStart);
}

}  // namespace

TEST_CASE("what lets the next one of a lane start, and what gives the rest back") {
  using State = model::DeliveryState;
  for (const State state :
       {State::kDone, State::kDeadLetter, State::kCanceled, State::kError, State::kQueued}) {
    CAPTURE(static_cast<int>(state));
    QueuesWorld world(1);
    EndpointQueues queues({});
    world.Give(queues);
    for (int id = 1; id <= 3; ++id) queues.Push(LaneRow(1, id, "a"), kStart);
    const auto first = queues.Pop(kStart);
    REQUIRE(first.has_value());
    CHECK(first->id == 1);
    CHECK_FALSE(queues.Pop(kStart).has_value());
    const AfterFinish after = Come(queues, *first, state);
    const bool goes_on = state != State::kError && state != State::kQueued;
    CHECK(after.give_back.size() == (goes_on ? 0 : 2));
    CHECK(queues.outstanding() == (goes_on ? 2 : 0));
    CHECK(queues.Pop(kStart).has_value() == goes_on);
  }
}

TEST_CASE("one that is not sent gives its lane back, one that is put back keeps it") {
  QueuesWorld world(1);
  EndpointQueues queues({});
  world.Give(queues);
  for (int id = 1; id <= 3; ++id) queues.Push(LaneRow(1, id, "a"), kStart);
  queues.PutBack(*queues.Pop(kStart), kStart);
  CHECK(queues.outstanding() == 3);
  CHECK(queues.in_flight() == 0);
  const auto again = queues.Pop(kStart);
  REQUIRE(again.has_value());
  CHECK(again->id == 1);
  CHECK(queues.Unsent(*again, kStart).give_back.size() == 2);
  CHECK(queues.outstanding() == 0);
}

TEST_CASE("a lane of a slow endpoint takes one of its slots only") {
  QueuesWorld world(1, 3);
  EndpointQueues queues({});
  world.Give(queues);
  for (int id = 1; id <= 50; ++id) queues.Push(LaneRow(1, id, "a"), kStart);
  for (int id = 51; id <= 60; ++id) queues.Push(Row(1, id), kStart);
  CHECK(PopAll(queues).size() == 3);
  int unordered = 0;
  for (int round = 0; round < 10; ++round) {
    FinishOne(queues, 1);
    if (queues.Pop(kStart)) ++unordered;
  }
  CHECK(unordered == 8);
}

TEST_CASE("the last one of a lane tells what was claimed since it began") {
  QueuesWorld world(1);
  EndpointQueues queues({});
  world.Give(queues);
  queues.OnClaimed({{1, 20}}, {{1, 1}}, false);
  queues.Push(LaneRow(1, 1, "a"), kStart);
  const auto row = queues.Pop(kStart);
  CHECK(queues.ClaimsOf(1) == 1);
  queues.OnClaimed({{1, 19}}, {}, false);
  const AfterFinish after = Come(queues, *row, model::DeliveryState::kDone);
  REQUIRE(after.claims_before.has_value());
  CHECK(queues.ClaimsOf(1) > *after.claims_before);
  queues.OnClaimed({{1, 1}}, {{1, 1}}, false);  // full: there may be more of the lane
  queues.Push(LaneRow(1, 2, "a"), kStart);
  CHECK(Come(queues, *queues.Pop(kStart), model::DeliveryState::kDone).claims_before == -1);
}

// Any history: of each lane the rows start in their order, one at a time, and after one that came
// to something else only from there on again.
TEST_CASE("lanes keep their order under random histories") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    QueuesWorld world(2, 3);
    EndpointQueues queues({.in_flight_max = 5});
    world.Give(queues);
    struct Lane {
      RecordId next_pushed = 1;
      RecordId next_started = 1;
      bool under_way = false;
    };
    std::map<std::string, Lane> lanes;
    std::vector<model::Delivery> flying;
    const auto give_back = [&](const std::vector<model::Delivery>& rows) {
      for (const model::Delivery& row : rows) {
        Lane& lane = lanes[row.lane];
        lane.next_pushed = std::min(lane.next_pushed, row.id);
      }
    };
    for (int step = 0; step < 2000; ++step) {
      const auto dice = random.Next() % 6;
      if (dice <= 1) {
        const std::string name = std::string(1, static_cast<char>('a' + random.Next() % 4));
        const RecordId endpoint = 1 + (name[0] - 'a') % 2;
        queues.Push(LaneRow(endpoint, lanes[name].next_pushed++, name), kStart);
      } else if (dice <= 3) {
        if (auto row = queues.Pop(kStart)) {
          Lane& lane = lanes[row->lane];
          CHECK_FALSE(lane.under_way);
          CHECK(row->id == lane.next_started);
          lane.under_way = true;
          flying.push_back(*row);
        }
      } else if (!flying.empty()) {
        const auto at = static_cast<std::ptrdiff_t>(random.Next() % flying.size());
        const model::Delivery row = flying[static_cast<std::size_t>(at)];
        flying.erase(flying.begin() + at);
        Lane& lane = lanes[row.lane];
        lane.under_way = false;
        switch (random.Next() % 4) {
          case 0:
            lane.next_pushed = row.id;
            give_back(Come(queues, row, model::DeliveryState::kError).give_back);
            break;
          case 1:
            queues.PutBack(row, kStart);
            break;
          default:
            ++lane.next_started;
            CHECK(Come(queues, row, model::DeliveryState::kDone).give_back.empty());
        }
      }
      if (random.Next() % 100 == 0) {
        give_back(queues.TakeAll());
        CHECK(queues.outstanding() == static_cast<int>(flying.size()));
      }
      REQUIRE(queues.in_flight() == static_cast<int>(flying.size()));
    }
  }
}
