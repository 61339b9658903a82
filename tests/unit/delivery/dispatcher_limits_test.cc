// SPDX-License-Identifier: LGPL-3.0-or-later
// Lanes, rate limits and breakers, as the dispatcher deals with them.
#include <doctest/doctest.h>

#include "lib/delivery/dispatcher.h"
#include "tests/unit/delivery/dispatcher_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;

namespace {

Json LaneAnswer(const DispatcherWorld& world, const std::vector<int>& ids,
                const std::string& token) {
  Json answer = world.ClaimAnswer(ids, token);
  for (Json& row : answer["deliveries"]) row["lane"] = "partner-5";
  return answer;
}

void ClaimLane(DispatcherWorld& world, const std::vector<int>& ids) {
  world.odoo.Answer(Method::kClaim, LaneAnswer(world, ids, world.Token()));
}

const HttpResult kBroken = HttpReply{503, {}, "", false};

std::string SentId(const DispatcherWorld& world) {
  REQUIRE(world.transport.under_way.size() == 1);
  for (const auto& [name, value] : world.transport.under_way[0].request.headers) {
    if (name == "webhook-id") return value;
  }
  return "";
}

}  // namespace

TEST_CASE("a lane is sent one after the other, without waiting for Odoo's answers") {
  DispatcherWorld world;
  world.StartClaiming();
  ClaimLane(world, {1, 2, 3});
  for (int n = 1; n <= 3; ++n) {
    CHECK(SentId(world) == Uid(n));
    world.FinishSend();
  }
  CHECK(world.transport.count == 3);
  CHECK(world.settler.backlog() == 3);
}

TEST_CASE("the rest of a lane is given back when one is to be tried again") {
  DispatcherWorld world;
  world.StartClaiming();
  ClaimLane(world, {1, 2, 3, 4});
  world.FinishSend();
  CHECK(SentId(world) == Uid(2));
  world.FinishSend(kBroken);
  CHECK(world.transport.count == 2);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{3, 4});
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  world.Linger();
  world.AnswerSettle();
  CHECK(world.dispatcher.in_flight() == 0);
}

// What preceded it may have come to anything while the reply was lost.
TEST_CASE("a lane of a claim that was asked for again is given back, other rows are sent") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  world.Recover();
  Json answer = LaneAnswer(world, {2, 3}, token);
  answer["deliveries"].push_back(world.Row(9, token));
  world.odoo.Answer(Method::kClaim, answer);
  CHECK(SentId(world) == Uid(9));
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{2, 3});
}

TEST_CASE("what follows a lane is asked for once its last row is settled") {
  DispatcherWorld world;
  world.StartClaiming();
  ClaimLane(world, {1});
  world.FinishSend();
  world.dispatcher.Wake();
  world.strand.RunReady();
  world.AnswerClaim();  // Odoo holds the lane back: row 1 is not settled
  CHECK_FALSE(world.odoo.IsPending(Method::kClaim));
  world.Linger();
  world.AnswerSettle();
  CHECK(world.odoo.IsPending(Method::kClaim));
}

TEST_CASE("a lane that nobody asked about meanwhile is not looked at again") {
  DispatcherWorld world;
  world.StartClaiming();
  ClaimLane(world, {1});
  world.FinishSend();
  world.Linger();
  world.AnswerSettle();
  CHECK_FALSE(world.odoo.IsPending(Method::kClaim));
}

TEST_CASE("what must wait for its endpoint's rate is sent in time") {
  DispatcherWorld world;
  world.endpoint_details = {{"rate_limit", {{"count", 2}, {"period_seconds", 3}}}};
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3});
  CHECK(world.transport.count == 0);  // an earlier life may have sent just before
  world.Advance(Milliseconds(3000));
  CHECK(world.transport.count == 0);
  world.Advance(Milliseconds(1));
  CHECK(world.transport.count == 2);
  for (int i = 0; i < 2; ++i) world.FinishSend();
  world.Advance(Milliseconds(3000));
  CHECK(world.transport.count == 2);
  world.Advance(Milliseconds(1));
  CHECK(world.transport.count == 3);
}

TEST_CASE("a breaker's opening and closing are logged once, and what waits is given back") {
  DispatcherWorld world;
  world.database.endpoints = {1};
  world.database.concurrency_max = 2;
  world.endpoint_details = {{"breaker", {{"failures_max", 2}, {"open_seconds", 20}}}};
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3, 4});
  CHECK(world.transport.count == 2);
  world.FinishSend(kBroken);
  CHECK(world.transport.count == 3);
  world.FinishSend(kBroken);
  world.FinishSend(kBroken);
  CHECK(world.transport.count == 3);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{4});
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  REQUIRE(world.log.Named("breaker.opened").size() == 1);
  CHECK(world.log.Named("breaker.opened").at(0).Get("endpoint") == "endpoint1");
  CHECK(world.log.Named("breaker.opened").at(0).Get("open_ms") == "20000");
  while (world.odoo.IsPending(Method::kClaim)) world.AnswerClaim();
  CHECK(world.UntilClaim() >= seconds(19));
  CHECK(world.ClaimRequest().at("quotas").at(0).at("free") == 1);
  world.AnswerClaim({5});
  CHECK(world.transport.count == 4);
  world.FinishSend();
  CHECK(world.log.Named("breaker.opened").size() == 1);
  CHECK(world.log.Named("breaker.closed").size() == 1);
}

TEST_CASE("a claim asks for no more rows than hello allows") {
  DispatcherWorld world;
  world.StartAll();
  world.odoo.Answer(Method::kHello, world.Hello({{"limits",
                                                  {{"claim_batch_max", 7},
                                                   {"settle_batch_max", 100},
                                                   {"lease_seconds_max", 3600},
                                                   {"calls_in_flight_max", 2}}}}));
  world.AnswerLink();
  CHECK(world.ClaimRequest().at("limit") == 7);
}

// What was queued after a change is not to be judged by what was before it: a secret that was added
// a moment ago, say, is not missing.
TEST_CASE("what a claim brings waits for the configuration that the claim told of") {
  DispatcherWorld world;
  world.StartClaiming();
  ++world.database.revision;
  world.AnswerClaim({1});
  CHECK(world.transport.count == 0);
  world.odoo.Answer(Method::kConfiguration, world.Configuration());
  CHECK(world.transport.count == 1);
}

TEST_CASE("while Odoo is out of sight nobody waits for its configuration") {
  DispatcherWorld world;
  world.StartClaiming();
  ++world.database.revision;
  world.AnswerClaim({1});
  CHECK(world.transport.count == 0);
  world.odoo.Fail(Method::kConfiguration, RpcFaultKind::kUnreachable);
  CHECK_FALSE(world.link.is_behind());
}

TEST_CASE("a configuration from before the change is asked for again after a while") {
  DispatcherWorld world;
  world.StartClaiming();
  const Json old = world.Configuration();
  ++world.database.revision;
  world.AnswerClaim({1});
  world.odoo.Answer(Method::kConfiguration, old);
  CHECK_FALSE(world.odoo.IsPending(Method::kConfiguration));
  world.Later(Milliseconds(1000));
  CHECK(world.transport.count == 0);
  world.odoo.Answer(Method::kConfiguration, world.Configuration());
  CHECK(world.transport.count == 1);
}
