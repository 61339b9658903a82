// SPDX-License-Identifier: LGPL-3.0-or-later
// The sender and handlers: what rules and callbacks say before sending and about the reply.
#include <doctest/doctest.h>

#include "tests/unit/delivery/rules_world.h"
#include "tests/unit/delivery/sender_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;

namespace {

using model::Action;
using model::Phase;

model::Delivery Handled(const SenderWorld& world) {
  model::Delivery delivery = world.Delivery(1);
  delivery.handler_id = 7;
  return delivery;
}

model::Handler Native() {
  model::Handler handler = HandlerOf({});
  handler.execution_mode = model::ExecutionMode::kNative;
  handler.native_callback = "acme.send";
  handler.allowed_models = {"res.partner"};
  return handler;
}

// Sets a header from the payload.
model::Rule AddHeader() {
  model::Rule rule = RuleOf(1, Phase::kBeforeSend, Action::kSend);
  rule.assignments = {Assign(model::Scope::kHeader, "X-N", PayloadPath("n"))};
  return rule;
}

}  // namespace

TEST_CASE("what a rule changes is sent, and fixed with the attempt's settlement") {
  SenderWorld world;
  world.SendNow({Handled(world)}, {HandlerOf({AddHeader()})});
  const auto& headers = world.transport.under_way.at(0).request.headers;
  CHECK(std::find(headers.begin(), headers.end(),
                  std::pair<std::string, std::string>("X-N", "1")) != headers.end());
  world.Finish(Reply(500));
  const Json settlement = world.Recorded();
  CHECK(settlement.at("frozen").at("request_headers") == Json({{"X-N", "1"}}));
  CHECK(settlement.at("frozen").at("payload") == "{\"n\":1}");
  CHECK(settlement.at("execution").at("rule_id") == 1);
}

TEST_CASE("an attempt that a crash interrupted fixes the content that its rules made") {
  SenderWorld world;
  world.SendNow({Handled(world)}, {HandlerOf({AddHeader()})});
  const SendIntent intent = world.Journaled().intents.at(0);
  SenderWorld next;
  next.sender.SettleInterrupted(intent);
  next.strand.RunReady();
  const Json settlement = next.Recorded();
  CHECK(settlement.at("outcome") == "interrupted");
  CHECK(settlement.at("frozen").at("request_headers") == Json({{"X-N", "1"}}));
  CHECK(settlement.at("frozen").at("payload") == "{\"n\":1}");
}

TEST_CASE("a later attempt runs no rule before sending: its content is that of the first") {
  SenderWorld world;
  model::Delivery delivery = Handled(world);
  delivery.content_frozen = true;
  delivery.target_path = "/fixed";
  world.SendNow({delivery}, {HandlerOf({AddHeader()})});
  CHECK(world.transport.under_way.at(0).request.url == "https://example.com/fixed");
  world.Finish(Reply(200));
  CHECK_FALSE(world.Recorded().contains("frozen"));
}

TEST_CASE("a rule that cancels: nothing is sent") {
  SenderWorld world;
  world.SendNow({Handled(world)}, {HandlerOf({RuleOf(1, Phase::kBeforeSend, Action::kCancel)})});
  CHECK(world.transport.count == 0);
  CHECK(world.Recorded().at("state") == "canceled");
  CHECK(world.finished == Ids{1});
}

TEST_CASE("a rule that asks for a retry spends an attempt, at the time it says") {
  SenderWorld world;
  auto rule = RuleOf(1, Phase::kBeforeSend, Action::kRetry);
  rule.retry_after = seconds(77);
  world.SendNow({Handled(world)}, {HandlerOf({rule})});
  CHECK(world.transport.count == 0);
  const Json settlement = world.Recorded();
  CHECK(settlement.at("state") == "error");
  CHECK(settlement.at("next_attempt_at_ms") == webhook::base::ToUnixMs(world.clock.Now()) + 77000);
  CHECK(settlement.at("attempt").at("error_kind") == "rule");
  CHECK(settlement.at("attempt").at("maybe_delivered") == false);
  CHECK_FALSE(settlement.contains("frozen"));
}

TEST_CASE("a row that lacks a field the rules read waits until Odoo has resolved it") {
  SenderWorld world;
  auto rule = RuleOf(1, Phase::kBeforeSend, Action::kCancel,
                     {Equals(From(model::SourceKind::kRecordField, "name"), "x")});
  world.SendNow({Handled(world)}, {HandlerOf({rule})});
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "deferred");
  CHECK_FALSE(settlement.contains("attempt"));
}

TEST_CASE("a field that only rules about the reply read is waited for before sending, too") {
  SenderWorld world;
  auto rule = RuleOf(1, Phase::kResponse, Action::kDeadLetter,
                     {Equals(From(model::SourceKind::kRecordField, "name"), "x")});
  model::Delivery frozen = Handled(world);
  frozen.content_frozen = true;
  world.SendNow({frozen}, {HandlerOf({rule})});
  CHECK(world.transport.count == 0);
  CHECK(world.Recorded().at("outcome") == "deferred");
}

TEST_CASE("what was not tried is deferred, whatever response rules and callbacks would write") {
  const HttpResult trouble = TransportError{TransportErrorKind::kOurTrouble, "resolver", false};
  SenderWorld rules;
  rules.SendNow({Handled(rules)}, {HandlerOf({RuleOf(2, Phase::kResponse, Action::kDeadLetter)})});
  rules.Finish(trouble);
  CHECK(rules.Recorded().at("outcome") == "deferred");

  SenderWorld world;
  world.callbacks.names = {"acme.send"};
  world.SendNow({Handled(world)}, {Native()});
  CallbackAnswer answer;
  answer.outcome = CallbackSend{};
  model::RecordOperation operation;
  operation.model = "res.partner";
  operation.values.Set("name", model::Value::Text("Acme"));
  answer.operations.push_back(operation);
  world.callbacks.Answer(answer);
  world.strand.RunReady();
  world.Finish(trouble);
  CHECK(world.Recorded().at("outcome") == "deferred");
  CHECK_FALSE(world.Recorded().contains("operations"));  // it is asked again
}

TEST_CASE("a response rule's operations go with the settlement; refused, it is a dead letter") {
  SenderWorld world;
  auto rule = CreatePartner(2, Phase::kResponse);
  rule.assignments = {
      Assign(model::Scope::kField, "name", From(model::SourceKind::kResponseBody, "id"))};
  world.SendNow({Handled(world)}, {HandlerOf({rule})});
  world.Finish(Reply(200, {}, R"({"id": "remote-7"})"));
  const Json settlement = world.Recorded();
  CHECK(settlement.at("state") == "done");
  CHECK(settlement.at("operations").at(0).at("values") == Json({{"name", "remote-7"}}));
  CHECK(settlement.at("otherwise").at("state") == "dead_letter");
  CHECK(settlement.at("otherwise").at("failure_reason") == "record_operation");
}

TEST_CASE("a handler that nobody knows any more holds its delivery") {
  SenderWorld world;
  world.SendNow({Handled(world)});
  CHECK(world.Recorded().at("outcome") == "deferred");
}

TEST_CASE("a native callback is asked, then the request goes out as it says") {
  SenderWorld world;
  world.callbacks.names = {"acme.send"};
  world.SendNow({Handled(world)}, {Native()});
  CHECK(world.transport.count == 0);
  REQUIRE(world.callbacks.under_way.size() == 1);
  CallbackAnswer answer;
  answer.outcome = CallbackSend{true, "put", "/changed", {{"X-A", "b"}}, "[1]"};
  model::RecordOperation operation;
  operation.model = "res.partner";
  operation.values.Set("name", model::Value::Text("Acme"));
  answer.operations.push_back(operation);
  world.callbacks.Answer(answer);
  world.strand.RunReady();
  const HttpRequest request = world.transport.under_way.at(0).request;
  CHECK(request.method == "PUT");
  CHECK(request.url == "https://example.com/changed");
  CHECK(request.body == "[1]");
  world.Finish(Reply(200));
  const Json settlement = world.Recorded();
  CHECK(settlement.at("frozen").at("payload") == "[1]");
  CHECK(settlement.at("operations").size() == 1);
}

TEST_CASE("a callback that fails is a retry, never a send") {
  SenderWorld world;
  world.callbacks.names = {"acme.send"};
  world.SendNow({Handled(world)}, {Native()});
  world.callbacks.Answer(CallbackError{CallbackErrorKind::kCrashed, "the callback crashed"});
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "retry");
  CHECK(settlement.at("failure_reason") == "callback");
}

TEST_CASE("a callback that answers done before sending ends it") {
  SenderWorld world;
  world.callbacks.names = {"acme.send"};
  world.SendNow({Handled(world)}, {Native()});
  world.callbacks.Answer(CallbackAnswer{CallbackDone{}, "", {}});
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.Recorded().at("state") == "dead_letter");
}

TEST_CASE("a Python callback decides inside Odoo") {
  SenderWorld world;
  model::Handler handler = HandlerOf({});
  handler.execution_mode = model::ExecutionMode::kPython;
  world.SendNow({Handled(world)}, {handler});
  world.odoo.Answer(
      Method::kRunPythonHandler,
      world.Envelope({{"status", "decided"},
                      {"decision", {{"outcome", "send"}, {"request", {{"payload", "{}"}}}}}}));
  CHECK(world.transport.under_way.at(0).request.body == "{}");
  world.Finish(Reply(200));
  CHECK(world.Recorded().at("frozen").at("payload") == "{}");
}

TEST_CASE("a delivery whose callback was not run when the worker stops is given back") {
  SenderWorld world;
  world.callbacks.names = {"acme.send"};
  world.SendNow({Handled(world)}, {Native()});
  world.caller.Stop();
  world.strand.RunReady();
  CHECK(world.unsent == Ids{1});
  CHECK(world.Journaled().settlements.empty());
}

TEST_CASE("a delivery whose lease was over before its Python callback was called is given back") {
  SenderWorld world;
  model::Handler handler = HandlerOf({});
  handler.execution_mode = model::ExecutionMode::kPython;
  world.SendNow({Handled(world)}, {handler});
  world.odoo.Answer(Method::kRunPythonHandler, world.Envelope({{"status", "superseded"}}));
  CHECK(world.unsent == Ids{1});
  CHECK(world.Journaled().settlements.empty());
}
