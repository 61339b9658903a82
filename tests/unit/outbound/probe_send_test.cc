// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/probe_send.h"

#include <doctest/doctest.h>

#include "tests/unit/delivery/rules_world.h"
#include "tests/unit/outbound/outbound_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;

namespace {

struct World : OutboundWorld {
  void Send() {
    model::Delivery delivery;
    delivery.delivery_uid = Uid(1);
    delivery.endpoint_id = 1;
    delivery.http_method = "post";
    delivery.payload = "{\"n\":1}";
    sender.Send(delivery, Book(), [this](const model::ProbeAnswer& a) { answers.push_back(a); });
    strand.RunReady();
  }
  // The only result.
  const model::ProbeResult& Result() const {
    REQUIRE(answers.size() == 1);
    REQUIRE(answers[0].results.size() == 1);
    CHECK(answers[0].results[0].name == "Send test");
    CHECK(answers[0].summary == answers[0].results[0].message);
    return answers[0].results[0];
  }

  OutboundCalls calls{ports};
  ProbeSender sender{{"worker/1", 65536}, ports, calls};
  std::vector<model::ProbeAnswer> answers;
};

model::Handler Handler(std::vector<model::Rule> rules) { return HandlerOf(std::move(rules)); }

}  // namespace

TEST_CASE("one marked request, whatever the endpoint's state, and its answer in words") {
  World world;
  world.endpoint.active = false;
  world.endpoint.held_reason = "draft";
  world.Send();
  CHECK(HeaderOf(world.Asked(), "webhook-test") == "1");
  CHECK(HeaderOf(world.Asked(), "webhook-id") == Uid(1));
  CHECK(world.Asked().url == "https://example.com/hook");
  CHECK(world.Asked().body == "{\"n\":1}");
  CHECK(world.Asked().timeout == seconds(10));
  world.Advance(Milliseconds(35));
  world.Reply(ReplyOf(200, "thanks"));
  const model::ProbeResult& result = world.Result();
  CHECK(result.message == "HTTP 200 in 35 ms");
  CHECK(result.action == "delivered");
  REQUIRE(result.attempt.has_value());
  CHECK(result.attempt->response_status_code == 200);
  CHECK(result.attempt->response_body == "thanks");
  CHECK(result.attempt->duration == Milliseconds(35));
  CHECK(result.attempt->request_headers.at("webhook-test") == "1");
  CHECK(world.transport.count == 1);
}

TEST_CASE("a shorter timeout of the endpoint is kept") {
  World world;
  world.endpoint.timeout = seconds(3);
  world.Send();
  CHECK(world.Asked().timeout == seconds(3));
}

TEST_CASE("an answer that is none: its class, and what it would come to") {
  World world;
  world.Send();
  world.Reply(ReplyOf(503));
  CHECK(world.Result().action == "retry");
  CHECK(world.Result().message == "HTTP 503 in 0 ms");

  World refused;
  refused.Send();
  refused.Reply(
      TransportError{TransportErrorKind::kAddressRefused, "10.0.0.1 is a private address", false});
  CHECK(refused.Result().action == "dead_letter");
  CHECK(refused.Result().message == "address_refused: 10.0.0.1 is a private address");
  CHECK_FALSE(refused.Result().attempt->response_body.has_value());
}

TEST_CASE("an endpoint that this worker does not know") {
  World world;
  const HandlerBookPtr book = world.Book();
  model::Delivery delivery;
  delivery.endpoint_id = 99;
  world.sender.Send(delivery, book,
                    [&](const model::ProbeAnswer& a) { world.answers.push_back(a); });
  CHECK(world.Result().action == "error");
  CHECK(world.transport.count == 0);
}

TEST_CASE("what keeps an endpoint from sending is named, nothing leaves") {
  World missing;
  missing.UseOauth2();
  missing.endpoint.secrets[0].value = "env:NOT_HERE";
  missing.Send();
  CHECK(missing.Result().action == "error");
  CHECK_FALSE(missing.Result().message.empty());
  CHECK(missing.transport.count == 0);

  World invalid;
  invalid.endpoint.header_rules = {{1, "Bad Name", From(model::SourceKind::kLiteral, "x")}};
  invalid.Send();
  CHECK(invalid.Result().action == "error");
  CHECK(invalid.transport.count == 0);
}

TEST_CASE("rules before sending are asked") {
  World world;
  model::Rule rule = RuleOf(1, model::Phase::kBeforeSend, model::Action::kSend);
  rule.assignments = {Assign(model::Scope::kHeader, "X-N", PayloadPath("n"))};
  world.handlers = {Handler({rule})};
  world.endpoint.handler_id = 7;
  world.Send();
  CHECK(HeaderOf(world.Asked(), "X-N") == "1");
  world.Reply(ReplyOf(200));
  CHECK(world.Result().message == "HTTP 200 in 0 ms");

  World cancels;
  cancels.handlers = {Handler({RuleOf(1, model::Phase::kBeforeSend, model::Action::kCancel)})};
  cancels.endpoint.handler_id = 7;
  cancels.Send();
  CHECK(cancels.transport.count == 0);
  CHECK(cancels.Result().action == "canceled");
  CHECK(cancels.Result().message.find("not sent") == 0);
}

TEST_CASE("callbacks, and rules that read records, are not asked: it says so") {
  World callback;
  model::Handler native = Handler({});
  native.execution_mode = model::ExecutionMode::kNative;
  native.native_callback = "acme.send";
  callback.handlers = {native};
  callback.endpoint.handler_id = 7;
  callback.Send();
  callback.Reply(ReplyOf(200));
  CHECK(callback.Result().message ==
        "HTTP 200 in 0 ms; the handler was not asked: a send test runs no callback");
  CHECK(callback.callbacks.under_way.empty());

  World fields;
  fields.handlers = {
      Handler({RuleOf(1, model::Phase::kBeforeSend, model::Action::kCancel,
                      {Equals(From(model::SourceKind::kRecordField, "name"), "x")})})};
  fields.endpoint.handler_id = 7;
  fields.Send();
  fields.Reply(ReplyOf(200));
  CHECK(fields.Result().message.find("its rules read fields") != std::string::npos);
}

TEST_CASE("what a receiver echoes of our secrets is not shown") {
  World world;
  world.endpoint.auth.mode = model::AuthMode::kBearer;
  world.endpoint.secrets = {{12, model::SecretPurpose::kBearerToken, "sealed:1:client", {}}};
  world.Send();
  CHECK(HeaderOf(world.Asked(), "Authorization") == "Bearer " + World::kClientSecret);
  world.Reply(ReplyOf(200, "you sent " + World::kClientSecret, {{"X-Echo", World::kClientSecret}}));
  const std::string text = model::EncodeAnswerProbe(kWorkerUid, Uid(2), world.answers.at(0));
  CHECK(text.find(World::kClientSecret) == std::string::npos);
  CHECK(model::SchemaErrors("answer_probe_request", text) == "");
}
