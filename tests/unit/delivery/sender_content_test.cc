// SPDX-License-Identifier: LGPL-3.0-or-later
// The sender and an endpoint's own rules: what they make of the content, who sees it, and that it
// stays what the first attempt sent.
#include <doctest/doctest.h>

#include "tests/unit/delivery/rules_world.h"
#include "tests/unit/delivery/sender_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;

namespace {

using model::Action;
using model::BodyMode;
using model::Phase;

model::Source Literal(const std::string& text) {
  model::Source source;
  source.literal = text;
  return source;
}

void AddRules(model::Endpoint& endpoint) {
  endpoint.target_path = "/orders/{number}";
  endpoint.context_lines = {{1, "number", PayloadPath("n")}};
  endpoint.header_rules = {{2, "X-Source", Literal("odoo")}};
  endpoint.payload_rules = {{3, "version", Literal("2")}};
}

void EditRules(model::Endpoint& endpoint) {
  endpoint.header_rules = {{2, "X-Source", Literal("changed")}, {5, "X-More", Literal("1")}};
  endpoint.payload_rules = {{3, "version", Literal("3")}, {6, "extra", Literal("x")}};
  endpoint.content_type = "text/plain";
}

const std::string* HeaderOf(const HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

// As Odoo hands it out again after the settlement.
model::Delivery Again(model::Delivery delivery, const Json& settlement) {
  const Json& frozen = settlement.at("frozen");
  delivery.content_frozen = true;
  delivery.attempt_count = 1;
  delivery.http_method = frozen.at("http_method");
  delivery.target_path = frozen.value("target_path", "");
  delivery.request_headers = frozen.at("request_headers").get<std::map<std::string, std::string>>();
  delivery.payload = frozen.at("payload");
  return delivery;
}

}  // namespace

TEST_CASE("what the endpoint's rules make is sent and fixed") {
  SenderWorld world;
  world.edit = AddRules;
  world.SendNow({world.Delivery(1)});
  const HttpRequest& request = world.transport.under_way.at(0).request;
  CHECK(request.url == "https://example.com/orders/1");
  REQUIRE(HeaderOf(request, "X-Source"));
  CHECK(*HeaderOf(request, "X-Source") == "odoo");
  CHECK(Json::parse(request.body) == Json({{"n", 1}, {"version", "2"}}));
  const SendIntent intent = world.Journaled().intents.at(0);
  CHECK(intent.frozen_json.find("odoo") != std::string::npos);
  world.Finish(Reply(500));
  const Json settlement = world.Recorded();
  CHECK(settlement.at("frozen").at("request_headers") == Json({{"X-Source", "odoo"}}));
  CHECK(Json::parse(settlement.at("frozen").at("payload").get<std::string>()) ==
        Json({{"n", 1}, {"version", "2"}}));
}

TEST_CASE("the bytes of a later attempt are those of the first, whatever was edited since") {
  for (const BodyMode mode : {BodyMode::kJson, BodyMode::kFormUrlencoded, BodyMode::kMultipart}) {
    CAPTURE(static_cast<int>(mode));
    SenderWorld first;
    first.edit = AddRules;
    model::Delivery delivery = first.Delivery(1);
    delivery.body_mode = mode;
    if (mode == BodyMode::kMultipart) {
      delivery.files = {
          {"file", "a.bin", "application/octet-stream", std::string("\0\xff\r\n", 4)}};
    }
    first.SendNow({delivery});
    const HttpRequest sent = first.transport.under_way.at(0).request;
    first.Finish(Reply(500));

    SenderWorld second;
    second.edit = [](model::Endpoint& endpoint) {
      AddRules(endpoint);
      EditRules(endpoint);
    };
    const Json settlement = first.Recorded();
    const model::Delivery again = Again(delivery, settlement);
    // A handler that is new by now has no say either.
    model::Rule rule = RuleOf(1, Phase::kBeforeSend, Action::kSend);
    rule.assignments = {Assign(model::Scope::kHeader, "X-Rule", PayloadPath("n"))};
    second.SendNow({again}, {HandlerOf({rule})});
    const HttpRequest& resent = second.transport.under_way.at(0).request;
    CHECK(resent.body == sent.body);
    CHECK(resent.method == sent.method);
    CHECK(resent.url == sent.url);
    CHECK(resent.headers == sent.headers);
    second.Finish(Reply(200));
    CHECK_FALSE(second.Recorded().contains("frozen"));
  }
}

TEST_CASE("the transport is the endpoint's of now") {
  SenderWorld world;
  world.edit = [](model::Endpoint& endpoint) {
    endpoint.target_hostname = "https://moved.example";
    endpoint.timeout = seconds(7);
  };
  model::Delivery delivery = world.Delivery(1);
  delivery.content_frozen = true;
  world.SendNow({delivery});
  CHECK(world.transport.under_way.at(0).request.url == "https://moved.example/1");
  CHECK(world.transport.under_way.at(0).request.timeout == seconds(7));
}

TEST_CASE("rules of the handler see what the endpoint's rules made, and have the last word") {
  SenderWorld world;
  world.edit = AddRules;
  model::Rule rule =
      RuleOf(1, Phase::kBeforeSend, Action::kSend, {Equals(PayloadPath("version"), "2")});
  rule.assignments = {Assign(model::Scope::kHeader, "X-Source", PayloadPath("version"))};
  model::Delivery delivery = world.Delivery(1);
  delivery.handler_id = 7;
  world.SendNow({delivery}, {HandlerOf({rule})});
  CHECK(*HeaderOf(world.transport.under_way.at(0).request, "X-Source") == "2");
  world.Finish(Reply(500));
  CHECK(world.Recorded().at("frozen").at("request_headers") == Json({{"X-Source", "2"}}));
}

TEST_CASE("callbacks see it, too") {
  SenderWorld native;
  native.edit = AddRules;
  model::Handler handler = HandlerOf({});
  handler.execution_mode = model::ExecutionMode::kNative;
  handler.native_callback = "acme.send";
  model::Delivery delivery = native.Delivery(1);
  delivery.handler_id = 7;
  native.SendNow({delivery}, {handler});
  REQUIRE(native.callbacks.under_way.size() == 1);
  CHECK(native.callbacks.under_way[0].call.context_json.find("X-Source") != std::string::npos);

  SenderWorld python;
  python.edit = AddRules;
  handler.execution_mode = model::ExecutionMode::kPython;
  python.SendNow({delivery}, {handler});
  const Json request = python.odoo.Pending(Method::kRunPythonHandler).request.at("request");
  CHECK(request.at("request_headers") == Json({{"X-Source", "odoo"}}));

  SenderWorld plain;
  plain.SendNow({delivery}, {handler});
  CHECK_FALSE(plain.odoo.Pending(Method::kRunPythonHandler).request.contains("request"));
}

TEST_CASE("a retry that a handler asks for before anything left fixes nothing of the shape") {
  SenderWorld world;
  world.edit = AddRules;
  model::Delivery delivery = world.Delivery(1);
  delivery.handler_id = 7;
  world.SendNow({delivery}, {HandlerOf({RuleOf(1, Phase::kBeforeSend, Action::kRetry)})});
  CHECK(world.transport.count == 0);
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "retry");
  CHECK_FALSE(settlement.contains("frozen"));
}

TEST_CASE("rules whose fields Odoo has not resolved yet wait, and spend nothing") {
  SenderWorld world;
  world.edit = [](model::Endpoint& endpoint) {
    endpoint.header_rules = {{2, "X-Name", From(model::SourceKind::kRecordField, "name")}};
  };
  world.SendNow({world.Delivery(1)});
  CHECK(world.transport.count == 0);
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "deferred");
  CHECK_FALSE(settlement.contains("attempt"));

  SenderWorld resolved;
  resolved.edit = world.edit;
  model::Delivery delivery = resolved.Delivery(1);
  delivery.field_values = R"({"record_field:name": "Acme"})";
  resolved.SendNow({delivery});
  CHECK(*HeaderOf(resolved.transport.under_way.at(0).request, "X-Name") == "Acme");
}

TEST_CASE("an endpoint that cannot send: a dead letter that names the field, or it waits") {
  SenderWorld broken;
  broken.edit = [](model::Endpoint& endpoint) {
    endpoint.header_rules = {{2, "Bad Name", Literal("x")}};
  };
  broken.SendNow({broken.Delivery(1)});
  CHECK(broken.transport.count == 0);
  CHECK(broken.Recorded().at("state") == "dead_letter");

  SenderWorld missing;
  missing.edit = [](model::Endpoint& endpoint) {
    endpoint.auth.mode = model::AuthMode::kBearer;
    endpoint.secrets = {{4, model::SecretPurpose::kBearerToken, "env:NOT_HERE", {}}};
  };
  missing.SendNow({missing.Delivery(1)});
  CHECK(missing.transport.count == 0);
  CHECK(missing.Recorded().at("outcome") == "deferred");
}

TEST_CASE("what is of no use any more is settled before anybody is asked") {
  SenderWorld world;
  model::Handler handler = HandlerOf({});
  handler.execution_mode = model::ExecutionMode::kNative;
  handler.native_callback = "acme.send";
  model::Delivery delivery = world.Delivery(1);
  delivery.handler_id = 7;
  delivery.expires_at = world.clock.Now() - Milliseconds(1);
  world.SendNow({delivery}, {handler});
  CHECK(world.callbacks.under_way.empty());
  CHECK(world.transport.count == 0);
  CHECK(world.Recorded().at("failure_reason") == "expired");
  REQUIRE(world.finishes.size() == 1);
  CHECK(world.finishes[0].state == model::DeliveryState::kDeadLetter);
  CHECK(world.finishes[0].receiver == webhook::delivery::Finish::Receiver::kNotAsked);
}

TEST_CASE("the queues are told whether the receiver works") {
  using Receiver = webhook::delivery::Finish::Receiver;
  const std::pair<HttpResult, Receiver> rows[] = {
      {Reply(200), Receiver::kAnswered},
      {Reply(422), Receiver::kAnswered},
      {Reply(302), Receiver::kAnswered},
      {Reply(503), Receiver::kFailed},
      {Reply(401), Receiver::kFailed},
      {TransportError{TransportErrorKind::kTimeout, "", true}, Receiver::kFailed},
      {TransportError{TransportErrorKind::kAddressRefused, "", false}, Receiver::kNotAsked},
      {TransportError{TransportErrorKind::kOurTrouble, "", false}, Receiver::kNotAsked},
      {TransportError{TransportErrorKind::kCanceled, "", true}, Receiver::kNotAsked},
  };
  for (const auto& [result, receiver] : rows) {
    SenderWorld world;
    world.SendNow({world.Delivery(1)});
    world.Finish(result);
    REQUIRE(world.finishes.size() == 1);
    CHECK(world.finishes[0].receiver == receiver);
  }
  // A rule may call a failure a success: the receiver failed all the same.
  SenderWorld world;
  model::Delivery delivery = world.Delivery(1);
  delivery.handler_id = 7;
  world.SendNow({delivery}, {HandlerOf({RuleOf(1, Phase::kResponse, Action::kDone)})});
  world.Finish(Reply(500));
  REQUIRE(world.finishes.size() == 1);
  CHECK(world.finishes[0].state == model::DeliveryState::kDone);
  CHECK(world.finishes[0].receiver == Receiver::kFailed);
}

TEST_CASE("a redirect that was followed stands in the note") {
  SenderWorld world;
  world.edit = [](model::Endpoint& endpoint) { endpoint.redirects_max = 1; };
  world.SendNow({world.Delivery(1)});
  world.Finish(Reply(307, {{"Location", "/moved"}}));
  world.Finish(Reply(200));
  CHECK(world.Recorded().at("note") == "after 1 redirect to https://example.com/moved");
}

// Else a receiver that leads each request astray would be asked as fast as rows come.
TEST_CASE("what a receiver has answered counts for its limits, however the redirect ended") {
  SenderWorld world;
  world.edit = [](model::Endpoint& endpoint) { endpoint.redirects_max = 1; };
  world.SendNow({world.Delivery(1)});
  world.Finish(Reply(307, {{"Location", "https://inside.example/"}}));
  world.Finish(TransportError{TransportErrorKind::kAddressRefused, "refused", false});
  REQUIRE(world.finishes.size() == 1);
  CHECK(world.finishes[0].state == model::DeliveryState::kDeadLetter);
  CHECK(world.finishes[0].receiver == webhook::delivery::Finish::Receiver::kAnswered);
}
