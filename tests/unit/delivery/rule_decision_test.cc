// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/rule_decision.h"

#include <doctest/doctest.h>

#include "tests/unit/delivery/rules_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
namespace rules = webhook::rules;

namespace {

using model::Action;
using model::FailureReason;
using model::Phase;

Decision OnEvent(std::vector<model::Rule> rules, const std::string& body) {
  return DecideEvent(rules::Compile(HandlerOf(std::move(rules))), FactsOf(EventOf(body)));
}

model::Delivery DeliveryOf(const std::string& payload) {
  model::Delivery delivery;
  delivery.http_method = "post";
  delivery.payload = payload;
  delivery.request_headers = {{"X-Kept", "yes"}};
  return delivery;
}

SendDecision OnSend(std::vector<model::Rule> rules, const std::string& payload) {
  const model::Delivery delivery = DeliveryOf(payload);
  return DecideBeforeSend(rules::Compile(HandlerOf(std::move(rules))),
                          FactsOf(delivery, "https://example.com/hook"), delivery, "/hook");
}

Decision OnReply(std::vector<model::Rule> rules, int status, const model::Outcome& classified) {
  FactValues facts = FactsOf(DeliveryOf("{}"), "https://example.com/hook");
  AddReply(HttpReply{status, {{"X-Id", "9"}}, R"({"id": 9, "name": "Acme"})", false}, facts);
  return DecideReply(rules::Compile(HandlerOf(std::move(rules))), facts, classified);
}

const model::Outcome kServerError = model::Retry{FailureReason::kHttpStatus, "HTTP 500"};

}  // namespace

TEST_CASE("no rule matches: an event is done") {
  const auto never = RuleOf(1, Phase::kEvent, Action::kDeadLetter, {Equals(PayloadPath("a"), "1")});
  const Decision decision = OnEvent({never}, R"({"a": 2})");
  CHECK(std::holds_alternative<model::Delivered>(decision.outcome));
  CHECK(decision.note == "no rule matched");
  CHECK_FALSE(decision.execution->rule_id);
  CHECK(decision.execution->trace.find("no rule matched") != std::string::npos);
}

TEST_CASE("no rule matches: a delivery is sent, and a 500 stays a retry") {
  CHECK_FALSE(
      OnSend({RuleOf(1, Phase::kBeforeSend, Action::kCancel, {Equals(PayloadPath("a"), "1")})},
             "{}")
          .instead);
  const Decision reply =
      OnReply({RuleOf(1, Phase::kResponse, Action::kDone,
                      {Equals(From(model::SourceKind::kResponseStatus, ""), "409")})},
              500, kServerError);
  REQUIRE(std::holds_alternative<model::Retry>(reply.outcome));
  CHECK(std::get<model::Retry>(reply.outcome).reason == FailureReason::kHttpStatus);
}

TEST_CASE("actions of events") {
  auto rule = RuleOf(1, Phase::kEvent, Action::kDone);
  rule.note = "ignored on purpose";
  CHECK(OnEvent({rule}, "{}").note == "ignored on purpose");

  rule.action = Action::kDeadLetter;
  const auto dead = std::get<model::DeadLetter>(OnEvent({rule}, "{}").outcome);
  CHECK(dead.reason == FailureReason::kRule);
  CHECK(dead.message == "ignored on purpose");

  rule.action = Action::kRetry;
  CHECK_FALSE(std::get<model::Retry>(OnEvent({rule}, "{}").outcome).exactly);
  rule.retry_after = std::chrono::seconds(90);
  const auto retry = std::get<model::Retry>(OnEvent({rule}, "{}").outcome);
  CHECK(retry.exactly == base::Milliseconds(90000));
  CHECK(OnEvent({rule}, "{}").execution->rule_id == 1);
}

TEST_CASE("a record action plans its operation") {
  const Decision decision =
      OnEvent({CreatePartner(3, Phase::kEvent)}, R"({"name": "Acme", "color": 4})");
  CHECK(std::holds_alternative<model::Delivered>(decision.outcome));
  REQUIRE(decision.operations.size() == 1);
  CHECK(decision.operations[0].model == "res.partner");
  CHECK(decision.operations[0].rule_id == 3);
  CHECK(model::DumpJson(decision.operations[0].values) == R"({"name":"Acme","color":4})");
  CHECK(decision.execution->action == "create_record");
}

TEST_CASE("a value that does not fit is an error that names rule, row, field, value, expectation") {
  const Decision decision = OnEvent({CreatePartner(3, Phase::kEvent)}, R"({"color": "red"})");
  CHECK(decision.operations.empty());
  const auto retry = std::get<model::Retry>(decision.outcome);
  CHECK(retry.reason == FailureReason::kRuleInvalid);
  CHECK(retry.message.find("\"Rule 3\", assignment 2 (color)") != std::string::npos);
  CHECK(retry.message.find("red") != std::string::npos);
}

TEST_CASE("a missing lookup key is an error, or a dead letter where the rule says so") {
  auto rule = CreatePartner(3, Phase::kEvent);
  rule.action = Action::kUpsertRecord;
  rule.lookups = {{1, "name", PayloadPath("missing")}};
  CHECK(std::holds_alternative<model::Retry>(OnEvent({rule}, "{}").outcome));
  rule.on_key_missing = model::LookupPolicy::kDeadLetter;
  const auto dead = std::get<model::DeadLetter>(OnEvent({rule}, "{}").outcome);
  CHECK(dead.reason == FailureReason::kRuleInvalid);
}

TEST_CASE("what is sent is fixed by the first attempt, also where no rule changes it") {
  const SendDecision unchanged =
      OnSend({RuleOf(1, Phase::kBeforeSend, Action::kSend)}, "{\"a\": 1}");
  REQUIRE(unchanged.content);
  CHECK(unchanged.content->payload == "{\"a\": 1}");
  CHECK(unchanged.content->target_path.empty());

  auto rule = RuleOf(1, Phase::kBeforeSend, Action::kSend);
  rule.assignments = {Assign(model::Scope::kHeader, "X-Id", PayloadPath("a")),
                      Assign(model::Scope::kPayload, "b.c", PayloadPath("a")),
                      Assign(model::Scope::kRequest, "target_path",
                             From(model::SourceKind::kTemplate, "/orders/{{ payload.a }}"))};
  const SendDecision changed = OnSend({rule}, R"({"a": 1.10})");
  REQUIRE(changed.content);
  CHECK(changed.content->payload == R"({"a":1.10,"b":{"c":1.10}})");
  CHECK(changed.content->target_path == "/orders/1.10");
  CHECK(changed.content->request_headers.at("X-Id") == "1.10");
  CHECK(changed.content->request_headers.at("X-Kept") == "yes");
}

TEST_CASE(
    "before sending: cancel, dead letter, retry; an assignment that does not fit is a dead "
    "letter") {
  CHECK(std::holds_alternative<model::Canceled>(
      *OnSend({RuleOf(1, Phase::kBeforeSend, Action::kCancel)}, "{}").instead));
  CHECK(std::holds_alternative<model::DeadLetter>(
      *OnSend({RuleOf(1, Phase::kBeforeSend, Action::kDeadLetter)}, "{}").instead));
  CHECK(std::holds_alternative<model::Retry>(
      *OnSend({RuleOf(1, Phase::kBeforeSend, Action::kRetry)}, "{}").instead));
  auto rule = RuleOf(1, Phase::kBeforeSend, Action::kSend);
  rule.assignments = {Assign(model::Scope::kHeader, "X-Id", PayloadPath("a"))};
  const SendDecision bad = OnSend({rule}, R"({"a": "line\nbreak"})");
  CHECK(std::get<model::DeadLetter>(*bad.instead).reason == FailureReason::kRuleInvalid);
}

TEST_CASE("a response rule overrides the classification; record actions leave it") {
  const auto done = RuleOf(1, Phase::kResponse, Action::kDone,
                           {Equals(From(model::SourceKind::kResponseStatus, ""), "409")});
  CHECK(std::holds_alternative<model::Delivered>(OnReply({done}, 409, kServerError).outcome));

  auto rule = CreatePartner(2, Phase::kResponse);
  rule.assignments = {
      Assign(model::Scope::kField, "name", From(model::SourceKind::kResponseBody, "name"))};
  const Decision stored = OnReply({rule}, 200, model::Delivered{});
  CHECK(std::holds_alternative<model::Delivered>(stored.outcome));
  REQUIRE(stored.operations.size() == 1);
  CHECK(model::DumpJson(stored.operations[0].values) == R"({"name":"Acme"})");
  CHECK(std::holds_alternative<model::Retry>(OnReply({rule}, 500, kServerError).outcome));
}

TEST_CASE("a response rule that does not fit never sends a delivered request again") {
  auto rule = CreatePartner(2, Phase::kResponse);
  rule.assignments = {
      Assign(model::Scope::kField, "color", From(model::SourceKind::kResponseBody, "name"))};
  const auto dead = std::get<model::DeadLetter>(OnReply({rule}, 200, model::Delivered{}).outcome);
  CHECK(dead.message.starts_with("delivered, but"));
  const Decision failed = OnReply({rule}, 500, kServerError);
  CHECK(std::get<model::Retry>(failed.outcome).reason == FailureReason::kHttpStatus);
  CHECK(failed.note.find("(color)") != std::string::npos);
}
