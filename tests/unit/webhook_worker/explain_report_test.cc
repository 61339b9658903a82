// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/explain_report.h"

#include <doctest/doctest.h>

using namespace webhook;
using namespace webhook::app;

namespace {

// A handler's document, its rules given.
model::Handler HandlerWith(const std::string& rules) {
  auto handler = model::DecodeHandler(R"({
    "id": 1, "code": "crm", "name": "CRM", "company_id": 1, "direction": "inbound",
    "execution_mode": "model_driven", "active": true, "execution_user_id": 2, "rules": [)" +
                                      rules + R"(],
    "field_metadata": {"res.partner": {"name": {"type": "char", "label": "Name"},
                                       "color": {"type": "integer", "label": "Color"}}}})");
  REQUIRE_MESSAGE(handler.ok(), (handler.ok() ? "" : handler.error().message));
  return std::move(handler).value();
}

const std::string kCreate = R"({
  "id": 5, "sequence": 10, "name": "New", "phase": "event", "action": "create_record",
  "target_model": "res.partner", "lookups": [],
  "conditions": [{"id": 1, "source": {"kind": "payload_path", "expression": "type"}, "operator": "equals", "expected": "new"}],
  "assignments": [
    {"id": 1, "scope": "field", "target": "name", "source": {"kind": "payload_path", "expression": "name"}},
    {"id": 2, "scope": "field", "target": "color", "source": {"kind": "payload_path", "expression": "color"}}]})";

const std::string kSend = R"({
  "id": 6, "sequence": 10, "name": "Sign", "phase": "before_send", "action": "send", "lookups": [], "conditions": [],
  "assignments": [
    {"id": 1, "scope": "header", "target": "X-Shop", "source": {"kind": "literal", "literal": "S1"}},
    {"id": 2, "scope": "header", "target": "Authorization", "source": {"kind": "literal", "literal": "hush"}},
    {"id": 3, "scope": "request", "target": "target_path", "source": {"kind": "literal", "literal": "/v2"}},
    {"id": 4, "scope": "payload", "target": "shop", "source": {"kind": "literal", "literal": "S1"}}]})";

ExplainReport Explained(const std::string& rules, const std::string& event,
                        model::Phase phase = model::Phase::kEvent) {
  auto read = ReadEventFile(event, phase);
  REQUIRE(read.ok());
  return Explain(HandlerWith(rules), read.value());
}

bool Has(const ExplainReport& report, const std::string& part) {
  return report.text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a rule that matches, and what it would write") {
  const ExplainReport report =
      Explained(kCreate, R"({"type": "new", "name": "Acme", "color": "3"})");
  CHECK(report.ok);
  CAPTURE(report.text);
  CHECK(Has(report, "rule \"New\" (sequence 10, id 5): matches\n"));
  CHECK(Has(report, "found \"new\": yes\n"));
  CHECK(
      Has(report, "action: create_record\nwould create res.partner: name = \"Acme\", color = 3\n"));
}

TEST_CASE("no rule matches") {
  const ExplainReport report = Explained(kCreate, R"({"type": "old"})");
  CHECK(report.ok);
  CAPTURE(report.text);
  CHECK(Has(report, "found \"old\": no\n"));
  CHECK(report.text.ends_with("the event is done, nothing is written\n"));
  CHECK(Has(Explained("", "{}", model::Phase::kResponse), "the reply counts by its status\n"));
}

TEST_CASE("a plan that does not fit is an error") {
  const ExplainReport report =
      Explained(kCreate, R"({"type": "new", "name": "A", "color": "red"})");
  CHECK_FALSE(report.ok);
  CHECK(report.text.ends_with(
      "error: rule \"New\", assignment 2 (color): found \"red\", expected a whole number from "
      "-2147483648 to 2147483647\n"));
}

TEST_CASE("what would be sent, without credentials") {
  const ExplainReport report = Explained(kSend, R"({"id": 1})", model::Phase::kBeforeSend);
  CHECK(report.ok);
  CAPTURE(report.text);
  CHECK(Has(report, "would send: POST /v2\n"));
  CHECK(Has(report, "  header X-Shop: S1\n"));
  CHECK(Has(report, "  header Authorization: (redacted)\n"));
  CHECK(Has(report, "  payload: {\"id\":1,\"shop\":\"S1\"}\n"));
  CHECK_FALSE(Has(report, "hush"));
}

TEST_CASE("an invalid rule stops with its finding") {
  std::string rule = kCreate;
  rule.replace(rule.find("\"color\", \"source\""), 7, "\"colour\"");
  const ExplainReport report = Explained(rule, R"({"type": "new"})");
  CHECK_FALSE(report.ok);
  CAPTURE(report.text);
  CHECK(report.text.starts_with("finding, error: "));
  CHECK(Has(report, "\nerror: "));
}

TEST_CASE("a callback has no rules") {
  model::Handler handler = HandlerWith("");
  handler.execution_mode = model::ExecutionMode::kNative;
  const ExplainReport report = Explain(handler, {});
  CHECK_FALSE(report.ok);
  CHECK(report.text == "error: the handler crm runs a callback: it has no rules\n");
}
