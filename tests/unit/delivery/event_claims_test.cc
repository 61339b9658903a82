// SPDX-License-Identifier: LGPL-3.0-or-later
// When events are asked for, and how their leases are kept.
#include <doctest/doctest.h>

#include "tests/unit/delivery/event_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using World = EventWorld;

TEST_CASE("while every window is full, probes are looked for at each poll and wake-up") {
  World world;
  world.StartReady();
  world.AnswerEvents(world.Events(1, 10, 8));
  CHECK_FALSE(world.odoo.IsEventClaimPending());
  world.Advance(Milliseconds(1000));
  CHECK(world.odoo.PendingEventClaim().request.at("quotas") == Json::array());
  world.AnswerEvents(Json::array());
  world.Advance(Milliseconds(200));
  CHECK_FALSE(world.odoo.IsEventClaimPending());
  world.events.Wake();
  world.strand.RunReady();
  CHECK(world.odoo.PendingEventClaim().request.at("quotas") == Json::array());
}

TEST_CASE("an endpoint that was full is asked for again as soon as it has room") {
  World world;
  world.StartReadyWith(World::WithTwoEndpoints(world.WithInbound()));
  world.AnswerEvents(world.Events(1, 10, 7));
  CHECK(world.odoo.PendingEventClaim().request.at("quotas") ==
        Json::array({{{"endpoint_id", 2}, {"free", 10}}}));
  world.AnswerEvents(Json::array());  // of endpoint 2 there is nothing
  CHECK_FALSE(world.odoo.IsEventClaimPending());
  CHECK(world.Settled().size() == 10);
  world.AnswerSettle();
  CHECK(world.odoo.PendingEventClaim().request.at("quotas").size() == 2);
}

TEST_CASE("the endpoint that was served last comes first, then those that were not served") {
  World world;
  world.StartReadyWith(World::WithTwoEndpoints(world.WithInbound()));
  Json event = world.Event(5, 7);
  event["endpoint_id"] = 2;
  world.AnswerEvents(Json::array({event}));
  CHECK(world.odoo.PendingEventClaim().request.at("quotas").at(0).at("endpoint_id") == 2);
}

TEST_CASE("what is overdue and was not handed out is no reason to ask again at once") {
  World world;
  world.StartReady();
  Json answer = world.EventAnswer(Json::array(), Json::array());
  answer["next_due_at_ms"] = base::ToUnixMs(world.clock.Now()) + World::kServerAheadMs - 5000;
  world.odoo.ReplyEventClaim(answer.dump());
  world.Advance(Milliseconds(999));
  CHECK_FALSE(world.odoo.IsEventClaimPending());
  world.Advance(Milliseconds(1));
  CHECK(world.odoo.IsEventClaimPending());
}

TEST_CASE("wake-ups in a row make no claims in a row") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array());
  for (int i = 0; i < 199; ++i) {
    world.events.Wake();
    world.Advance(Milliseconds(1));
    REQUIRE_FALSE(world.odoo.IsEventClaimPending());
  }
  world.Advance(Milliseconds(1));
  CHECK(world.odoo.IsEventClaimPending());
}

TEST_CASE("the lease of an event whose callback takes long is renewed") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 8)}));
  world.AnswerEvents(Json::array());
  world.Advance(Milliseconds(149'000));
  CHECK_FALSE(world.odoo.IsPending(Method::kRenew));
  world.Advance(Milliseconds(76'000));
  const Json request = world.odoo.Pending(Method::kRenew).request;
  REQUIRE(request.at("leases").size() == 1);
  CHECK(request.at("leases").at(0).at("kind") == "event");
  CHECK(request.at("leases").at(0).at("id") == 5);
  world.odoo.Answer(Method::kRenew, world.Envelope({{"lost", Json::array()}}));
  CHECK(world.events.outstanding() == 1);
}

TEST_CASE("no lease is renewed while its Python callback runs: Odoo has the row locked") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 9)}));
  world.strand.RunReady();
  world.Advance(Milliseconds(225'000));
  CHECK(world.odoo.IsPending(Method::kRunPythonHandler));
  CHECK_FALSE(world.odoo.IsPending(Method::kRenew));
}

TEST_CASE("an event whose lease is lost frees its place; its settlement is sent all the same") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 8)}));
  world.AnswerEvents(Json::array());
  world.Advance(Milliseconds(225'000));
  const Json lease = world.odoo.Pending(Method::kRenew).request.at("leases").at(0);
  world.odoo.Answer(Method::kRenew, world.Envelope({{"lost", Json::array({lease})}}));
  CHECK(world.events.outstanding() == 0);
  world.callbacks.Answer(CallbackAnswer{CallbackDone{}, "", {}});
  CHECK(world.Settled().at(0).at("id") == 5);
  world.AnswerSettle();
  CHECK(world.events.outstanding() == 0);
}

TEST_CASE("a claim that cannot be noted is told of, and nothing is claimed") {
  World world({1});
  world.StartReady();
  CHECK(world.journal_failures == 1);
  CHECK_FALSE(world.odoo.IsEventClaimPending());
}

TEST_CASE("a claim of an earlier life ends when the settlements of all its events wait already") {
  World world;
  model::Settlement settlement = World::SettledEvent(5, Uid(77));
  world.settler.Submit(settlement);
  world.strand.RunReady();
  world.StartReady({Uid(77)});
  world.journal.Append({ClaimStarted{Uid(77), model::JobKind::kEvent}}, [](bool) {});
  world.AnswerEvents(Json::array({world.Event(5, 7)}));
  world.strand.RunReady();
  CHECK(world.events.outstanding() == 0);
  const auto tokens = world.Journaled().event_claim_tokens;
  CHECK(std::find(tokens.begin(), tokens.end(), Uid(77)) == tokens.end());
}

TEST_CASE("a Python callback that Odoo refuses while it is on hold spends nothing") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 9)}));
  world.strand.RunReady();
  const Json first = world.odoo.Pending(Method::kRunPythonHandler).request;
  world.odoo.Fail(Method::kRunPythonHandler, RpcFaultKind::kRejected);
  world.Recover();
  CHECK(world.odoo.Pending(Method::kRunPythonHandler).request == first);
}
