// SPDX-License-Identifier: LGPL-3.0-or-later
// What becomes of events whose calls fail: who is blamed, that nobody is lost, and that order is
// kept where it was asked for.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/ingester/ingester_world.h"

using namespace webhook::inbound;

namespace {

using Texts = std::vector<std::string>;

// Events that bring the whole call down, unless they are bare.
std::function<std::string(const Json&)> Deadly(std::set<int> numbers) {
  return [numbers = std::move(numbers)](const Json& item) -> std::string {
    const bool deadly =
        numbers.contains(IngesterWorld::NumberOf(item)) && !IngesterWorld::IsBare(item);
    return deadly ? "" : "ingested";
  };
}

int TimesSeen(const IngesterWorld& world, int number, bool bare) {
  return static_cast<int>(std::ranges::count(world.seen, std::pair(number, bare)));
}

}  // namespace

TEST_CASE("a call that fails is halved until the culprit is alone; three strikes make it poison") {
  for (const RpcFaultKind kind : {RpcFaultKind::kUnknown, RpcFaultKind::kRejected}) {
    for (const int culprit : {1, 7, 16}) {
      CAPTURE(culprit);
      IngesterWorld world(16);
      world.StartReady();
      world.AcceptNow(1, 16);
      world.Drive(Deadly({culprit}), kind);
      CHECK(world.SetAside() == Texts{Uid(culprit)});
      CHECK(TimesSeen(world, culprit, true) == 1);
      CHECK(world.log.Named("event.set_aside").size() == 1);
      CHECK(world.odoo.Count(Method::kIngest) <= 14);  // 5 that fail, 3 alone, 5 good, 1 bare
    }
  }
}

TEST_CASE("a bare rejected event stands in for the culprit: same uid, no content, the reason") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(5, 5);
  for (int strike = 0; strike < 3; ++strike) {
    world.FailAndRecover(RpcFaultKind::kUnknown);
    world.Advance(std::chrono::seconds(1));
  }
  const Json bare = world.Request().at("events")[0];
  CHECK(bare.at("event_uid") == Uid(5));
  CHECK(bare.at("state") == "rejected");
  CHECK(bare.at("rejection_category") == "poison");
  CHECK(bare.at("request_body_base64") == "");
  CHECK_FALSE(bare.contains("identity_key"));
  CHECK(bare.at("rejection_reason").get<std::string>().find("what happened") != std::string::npos);
  CHECK(world.SetAside().empty());  // not before Odoo shows it
  world.Answer();
  world.Advance(Milliseconds(1));
  CHECK(world.SetAside() == Texts{Uid(5)});
  CHECK_FALSE(world.Calling());
}

TEST_CASE("one event that Odoo refuses does not touch the others of its call") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 4);
  const auto refuse = [](const Json& item) {
    return IngesterWorld::NumberOf(item) == 2 && !IngesterWorld::IsBare(item) ? "failed"
                                                                              : "ingested";
  };
  world.Answer(refuse);
  world.Advance(Milliseconds(1));
  CHECK(world.inbox.State().event_count == 1);
  world.Drive(refuse, RpcFaultKind::kUnknown);
  CHECK(TimesSeen(world, 2, false) == 2);  // and once in company
  CHECK(TimesSeen(world, 2, true) == 1);
  CHECK(world.SetAside() == Texts{Uid(2)});
}

// Of an endpoint that was deleted, say.
TEST_CASE("an event that Odoo will not even have bare is set aside") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 2);
  world.Drive(
      [](const Json& item) { return IngesterWorld::NumberOf(item) == 1 ? "failed" : "ingested"; },
      RpcFaultKind::kUnknown);
  CHECK(world.SetAside() == Texts{Uid(1)});
  CHECK(TimesSeen(world, 1, true) == 3);
}

TEST_CASE("while Odoo fails on every event none is given up, and Odoo is not pestered") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 8);
  world.Drive([](const Json&) { return ""; }, RpcFaultKind::kUnknown, std::chrono::hours(2));
  CHECK(world.SetAside().empty());
  CHECK(world.inbox.State().event_count == 8);
  CHECK(world.odoo.Count(Method::kIngest) < 300);  // about two a minute
  world.Drive([](const Json&) { return "ingested"; }, RpcFaultKind::kUnknown);
  CHECK(world.inbox.State().event_count == 0);
  CHECK(world.SetAside().empty());
}

TEST_CASE("an answer that does not fit the request acknowledges nothing") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 2);
  Json answer = world.Results();
  answer["results"].erase(1);
  world.odoo.Answer(Method::kIngest, answer);
  world.Recover();
  CHECK(world.inbox.State().event_count == 2);
  world.Answer();  // one after the other by now
  CHECK(world.Batch().size() == 1);
  world.Answer();
  world.Advance(Milliseconds(1));
  CHECK(world.inbox.State().event_count == 0);
}

TEST_CASE("nobody waits for a culprit, and the culprit does not wait for ever") {
  IngesterWorld world(4);
  world.StartReady();
  world.AcceptNow(1, 40);
  world.Drive(Deadly({2}), RpcFaultKind::kUnknown);
  const auto first_bare = std::ranges::find(world.seen, std::pair(2, true));
  const auto last = std::ranges::find(world.seen, std::pair(40, false));
  REQUIRE(last != world.seen.end());
  REQUIRE(first_bare != world.seen.end());
  CHECK(world.SetAside() == Texts{Uid(2)});
}

// ---- order

TEST_CASE("of an ordered endpoint one event goes at a time, others go along") {
  IngesterWorld world;
  world.ordered = {7};
  world.StartReady();
  world.Accept(1, 2, 7);
  world.Accept(3, 4, 1);
  world.AcceptNow(5, 5, 7);
  CHECK(world.Batch() == std::vector<int>{1, 3, 4});
  world.Answer();
  CHECK(world.Batch() == Numbers(2, 2));
  world.Answer();
  CHECK(world.Batch() == Numbers(5, 5));
}

TEST_CASE("nothing of an ordered endpoint overtakes one that fails") {
  for (const bool in_call : {true, false}) {
    CAPTURE(in_call);
    IngesterWorld world(4);
    world.ordered = {7};
    world.StartReady();
    world.Accept(1, 3, 7);
    world.Accept(4, 20, 1);
    world.AcceptNow(21, 22, 7);
    world.Drive(
        [in_call](const Json& item) -> std::string {
          const bool culprit = IngesterWorld::NumberOf(item) == 2 && !IngesterWorld::IsBare(item);
          if (!culprit) return "ingested";
          return in_call ? "" : "failed";
        },
        RpcFaultKind::kUnknown);
    std::vector<int> order;
    for (const auto& [number, bare] : world.seen) {
      const bool is_of_7 = number <= 3 || number >= 21;
      if (is_of_7 && (order.empty() || order.back() != number)) order.push_back(number);
    }
    CHECK(order == std::vector<int>{1, 2, 3, 21, 22});
    CHECK(world.SetAside() == Texts{Uid(2)});
    CHECK(world.inbox.State().event_count == 0);
  }
}
