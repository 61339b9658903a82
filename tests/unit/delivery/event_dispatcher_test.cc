// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/event_dispatcher.h"

#include <doctest/doctest.h>

#include "tests/unit/delivery/event_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;
using World = EventWorld;

TEST_CASE("an event of rules is claimed, processed and settled with its operations") {
  World world;
  world.StartReady();
  CHECK(world.odoo.PendingEventClaim().request.at("quotas") ==
        Json::array({{{"endpoint_id", 1}, {"free", 10}}}));
  world.AnswerEvents(Json::array({world.Event(5, 7)}));
  const Json item = world.Settled().at(0);
  CHECK(item.at("kind") == "event");
  CHECK(item.at("id") == 5);
  CHECK(item.at("outcome") == "done");
  CHECK(item.at("state") == "done");
  CHECK(item.at("operations").at(0).at("values") == Json({{"name", "Acme"}}));
  CHECK(item.at("otherwise").at("state") == "error");
  CHECK(item.at("otherwise").at("failure_reason") == "record_operation");
  CHECK(item.at("execution").at("rule_id") == 3);
  CHECK(world.events.outstanding() == 1);
  world.AnswerSettle();
  CHECK(world.events.outstanding() == 0);
}

TEST_CASE("an event without a handler is stored only") {
  World world;
  world.StartReady();
  Json event = world.Event(5, 7);
  event.erase("handler_id");
  world.AnswerEvents(Json::array({event}));
  const Json item = world.Settled().at(0);
  CHECK(item.at("outcome") == "done");
  CHECK(item.at("note") == "stored only: no handler");
}

TEST_CASE("a claim whose reply is lost is repeated under its token") {
  World world;
  world.StartReady();
  const std::string token = world.Token();
  world.odoo.ReplyEventClaim(RpcFault{RpcFaultKind::kUnknown, "lost"});
  world.Recover();  // answers the repetition with nothing
  CHECK(world.Journaled().event_claim_tokens.empty());
  CHECK(token != "");
}

TEST_CASE("events of an earlier life are asked for under their token") {
  World world;
  world.StartReady({Uid(77)});
  CHECK(world.Token() == Uid(77));
  world.AnswerEvents(Json::array({world.Event(5, 7)}));
  CHECK(world.Settled().size() == 1);
}

TEST_CASE("a claim's token is in the journal until its last event is answered") {
  World world;
  world.StartReady();
  const std::string token = world.Token();
  CHECK(world.Journaled().event_claim_tokens == std::vector<std::string>{token});
  world.AnswerEvents(Json::array({world.Event(5, 7), world.Event(6, 7)}));
  world.Settled();
  CHECK(world.Journaled().event_claim_tokens.front() == token);
  world.AnswerSettle();
  world.strand.RunReady();
  const auto tokens = world.Journaled().event_claim_tokens;
  CHECK(std::find(tokens.begin(), tokens.end(), token) == tokens.end());
}

TEST_CASE("a native callback's answer becomes the settlement, its operations coerced") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 8)}));
  REQUIRE(world.callbacks.under_way.size() == 1);
  CHECK(world.callbacks.under_way[0].call.callback == "acme.paid");
  CallbackAnswer answer;
  answer.note = "paid";
  model::RecordOperation operation;
  operation.model = "res.partner";
  operation.values.Set("name", model::Value::Text("Acme"));
  answer.operations.push_back(operation);
  world.callbacks.Answer(answer);
  const Json item = world.Settled().at(0);
  CHECK(item.at("outcome") == "done");
  CHECK(item.at("note") == "paid");
  CHECK(item.at("operations").size() == 1);
}

TEST_CASE("whatever goes wrong in a callback is no success") {
  for (const auto kind : {CallbackErrorKind::kThrew, CallbackErrorKind::kDeadline,
                          CallbackErrorKind::kCrashed, CallbackErrorKind::kNoAnswer}) {
    World world;
    world.StartReady();
    world.AnswerEvents(Json::array({world.Event(5, 8)}));
    world.callbacks.Answer(CallbackError{kind, "it failed"});
    const Json item = world.Settled().at(0);
    CHECK(item.at("outcome") == "retry");
    CHECK(item.at("state") == "error");
    CHECK(item.at("failure_reason") == "callback");
    CHECK(item.at("failure_message") == "it failed");
  }
}

TEST_CASE("an operation on a model that the handler does not allow ends the event") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 8)}));
  CallbackAnswer answer;
  model::RecordOperation operation;
  operation.model = "res.users";
  operation.values.Set("name", model::Value::Text("Acme"));
  answer.operations.push_back(operation);
  world.callbacks.Answer(answer);
  const Json item = world.Settled().at(0);
  CHECK(item.at("outcome") == "dead_letter");
  CHECK(item.at("failure_message").get<std::string>().find("res.users") != std::string::npos);
  CHECK_FALSE(item.contains("operations"));
}

TEST_CASE("an event whose callback found no process free waits and spends nothing") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 8)}));
  world.callbacks.Answer(CallbackError{CallbackErrorKind::kBusy, "no process was free"});
  const Json item = world.Settled().at(0);
  CHECK(item.at("outcome") == "deferred");
  CHECK(item.at("state") == "received");
}

TEST_CASE("an event of a callback that nobody has here waits and spends nothing") {
  World world;
  world.callbacks.names = {};
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 8)}));
  const Json item = world.Settled().at(0);
  CHECK(item.at("outcome") == "deferred");
  CHECK(item.at("state") == "received");
}

TEST_CASE("a Python callback settles its event inside Odoo") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 9)}));
  world.strand.RunReady();
  const Json request = world.odoo.Pending(Method::kRunPythonHandler).request;
  CHECK(request.at("lease").at("kind") == "event");
  CHECK(request.at("otherwise").at("state") == "error");
  world.odoo.Answer(Method::kRunPythonHandler, world.Envelope({{"status", "applied"}}));
  CHECK(world.events.outstanding() == 0);
  world.Linger();
  CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
}

TEST_CASE("a Python callback that conflicts, or whose reply is lost, is called again") {
  World world;
  world.StartReady();
  world.AnswerEvents(Json::array({world.Event(5, 9)}));
  world.strand.RunReady();
  const Json first = world.odoo.Pending(Method::kRunPythonHandler).request;
  world.odoo.Answer(Method::kRunPythonHandler, world.Envelope({{"status", "conflict"}}));
  world.Advance(Milliseconds(200));
  CHECK(world.odoo.Pending(Method::kRunPythonHandler).request == first);
  world.odoo.Fail(Method::kRunPythonHandler, RpcFaultKind::kUnknown);
  world.Recover();
  CHECK(world.odoo.Pending(Method::kRunPythonHandler).request == first);
}

TEST_CASE("a probe is answered") {
  World world;
  world.StartReady();
  Json handler = World::Handler(7, "model_driven", {{"rules", Json::array()}});
  const Json probe = {{"probe_uid", Uid(9)},
                      {"kind", "rules"},
                      {"handler", handler},
                      {"samples", Json::array({{{"name", "pasted"}, {"phase", "event"}}})}};
  world.AnswerEvents(Json::array(), Json::array({probe}));
  const Json request = world.odoo.Pending(Method::kAnswerProbe).request;
  CHECK(request.at("probe_uid") == Uid(9));
  CHECK(request.at("answer").at("results").at(0).at("action") == "none");
}

TEST_CASE("a send test is one request, and its answer that of the receiver") {
  World world;
  world.StartReady();
  const Json probe = {{"probe_uid", Uid(9)},
                      {"kind", "send"},
                      {"endpoint_id", 2},
                      {"delivery",
                       {{"delivery_uid", Uid(10)},
                        {"http_method", "post"},
                        {"request_body_mode", "json"},
                        {"request_headers", Json::object()},
                        {"payload", "{}"}}}};
  world.AnswerEvents(Json::array(), Json::array({probe}));
  CHECK_FALSE(world.odoo.IsPending(Method::kAnswerProbe));
  REQUIRE(world.transport.under_way.size() == 1);
  CHECK(world.transport.under_way[0].request.url == "https://example.com/2");
  world.transport.under_way[0].done(HttpReply{204, {}, "", false});
  const Json request = world.odoo.Pending(Method::kAnswerProbe).request;
  CHECK(request.at("probe_uid") == Uid(9));
  const Json result = request.at("answer").at("results").at(0);
  CHECK(result.at("action") == "delivered");
  CHECK(result.at("attempt").at("response_status_code") == 204);
  CHECK(world.settler.backlog() == 0);
  CHECK(world.Journaled().intents.empty());
}

TEST_CASE("events that a stopping worker has not processed are given back") {
  World world;
  world.StartReady();
  world.events.Stop();
  world.AnswerEvents(Json::array({world.Event(5, 7)}));
  world.strand.RunReady();
  CHECK(world.odoo.Pending(Method::kRelease).request.at("leases").at(0).at("kind") == "event");
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  CHECK(world.events.outstanding() == 0);
}

TEST_CASE("no endpoint gets more events than its window; more are claimed as they are settled") {
  World world;
  world.StartReady();
  Json list = Json::array();
  for (int id = 1; id <= 10; ++id) list.push_back(world.Event(id, 7));
  world.AnswerEvents(list);
  CHECK_FALSE(world.odoo.IsEventClaimPending());
  CHECK(world.Settled().size() == 10);
  world.AnswerSettle();
  world.strand.RunReady();
  CHECK(world.odoo.IsEventClaimPending());
}
