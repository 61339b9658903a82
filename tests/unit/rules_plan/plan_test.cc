// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/plan.h"

#include <doctest/doctest.h>

#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;
using namespace webhook::rules;
using model::Action;
using model::LookupPolicy;
using model::OperationKind;

namespace {

std::string LookupText(const model::RecordOperation& operation) {
  std::string text;
  for (const auto& key : operation.lookup)
    text += key.field + "=" + model::DumpJson(key.value) + ";";
  return text;
}

std::string ErrorText(const PlannedRule& rule, const std::string& payload) {
  const auto planned = rule.On(payload);
  return planned.ok() ? "planned" : PlanErrorText(planned.error());
}

}  // namespace

TEST_CASE("a plan carries what the rule says of finding the record") {
  PlannedRule rule(Action::kUpsertRecord, "res.partner");
  rule.Lookup("ref", Payload("customer")).Assign("name", Payload("name"));
  rule.compiled().rule.on_none = LookupPolicy::kDeadLetter;
  rule.compiled().rule.on_many = LookupPolicy::kFirst;
  rule.compiled().rule.include_archived = true;
  const auto planned = rule.On(R"({"customer": "C-1", "name": "Acme"})");
  REQUIRE(planned.ok());
  const model::RecordOperation& operation = planned.value();
  CHECK(operation.kind == OperationKind::kUpsert);
  CHECK(operation.model == "res.partner");
  CHECK(operation.rule_id == 7);
  CHECK(operation.on_none == LookupPolicy::kDeadLetter);
  CHECK(operation.on_many == LookupPolicy::kFirst);
  CHECK(operation.include_archived);
  CHECK(LookupText(operation) == R"(ref="C-1";)");
  CHECK(model::DumpJson(operation.values) == R"({"name":"Acme"})");
}

TEST_CASE("values are coerced; missing leaves out, null clears") {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", TemplateText("{{ payload.first }} {{ payload.last }}"))
      .Assign("is_company", Payload("company"))
      .Assign("credit", Payload("credit"))
      .Assign("color", Payload("color"))
      .Assign("comment", Payload("comment"));
  CHECK(rule.Values(
            R"({"first": "A", "last": "B", "company": "no", "credit": 1.10, "comment": null})") ==
        R"({"name":"A B","is_company":false,"credit":"1.10","comment":false})");
}

TEST_CASE("of several rows the last that gives something wins") {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", Typed("first")).Assign("ref", Typed("R")).Assign("name", Payload("name"));
  CHECK(rule.Values("{}") == R"({"name":"first","ref":"R"})");
  CHECK(rule.Values(R"({"name": "second"})") == R"({"name":"second","ref":"R"})");
  CHECK(rule.Values(R"({"name": null})") == R"({"name":false,"ref":"R"})");
}

TEST_CASE("errors name rule, row, field, value and expectation") {
  const auto error = [](const char* target, const std::string& payload) {
    return Creating("res.partner")
        .Assign("name", Typed("x"))
        .Assign(target, Payload("v"))
        .Values(payload);
  };
  CHECK(error("color", R"({"v": "abc"})") ==
        "! rule \"Import\", assignment 2 (color): found \"abc\", expected a whole number from "
        "-2147483648 to 2147483647");
  CHECK(error("foo", R"({"v": 1})") ==
        "! rule \"Import\", assignment 2 (foo): the execution user sees no such field of "
        "res.partner");
  CHECK(error("display_name", R"({"v": 1})") ==
        "! rule \"Import\", assignment 2 (display_name): the field cannot be written");
  CHECK(error("name/ref", R"({"v": 1})") ==
        "! rule \"Import\", assignment 2 (name/ref): the field is no relation: nothing can follow "
        "its name");
  CHECK(error("a//b", R"({"v": 1})") ==
        "! rule \"Import\", assignment 2 (a//b): the target is no field such as name or "
        "partner_id/ref");
  CHECK(
      error("", R"({"v": 1})").ends_with("the target is no field such as name or partner_id/ref"));
}

TEST_CASE("defect 26: no update without a key") {
  PlannedRule rule(Action::kUpdateRecord, "res.partner");
  rule.Assign("name", Typed("x"));
  CHECK(ErrorText(rule, "{}") == "rule \"Import\": the rule has no lookup key");
}

TEST_CASE("defect 26: a key without a value is an error, by the policy for good") {
  PlannedRule rule(Action::kUpdateRecord, "res.partner");
  rule.Lookup("is_company", Typed("yes")).Lookup("ref", Payload("ref"));
  for (const char* payload : {"{}", R"({"ref": null})", R"({"ref": ""})", R"({"ref": false})"}) {
    CAPTURE(payload);
    const auto planned = rule.On(payload);
    REQUIRE_FALSE(planned.ok());
    CHECK_FALSE(planned.error().dead_letter);
  }
  CHECK(ErrorText(rule, "{}") ==
        "rule \"Import\", lookup 2 (ref): found missing, expected a value, as the record is looked "
        "up by it");
  rule.compiled().rule.on_key_missing = LookupPolicy::kDeadLetter;
  CHECK(rule.On("{}").error().dead_letter);
  CHECK_FALSE(rule.On(R"({"ref": []})").error().dead_letter);  // not a missing key: a wrong one
}

TEST_CASE("keys are coerced by the field at the end of their path") {
  PlannedRule rule(Action::kUpdateRecord, "sale.order");
  rule.Lookup("partner_id.country_id.phone_code", Payload("phone"))
      .Lookup("partner_id.is_company", Payload("company"))
      .Lookup("partner_id.unknown", Payload("free"))
      .Lookup("partner_id", Payload("partner"))
      .Lookup("order_line", Payload("line"))
      .Lookup("id", Payload("id"));
  const auto planned = rule.On(
      R"({"phone": "49", "company": false, "free": 1.10, "partner": "base.main_partner", "line": 8, "id": "5"})");
  REQUIRE(planned.ok());
  CHECK(LookupText(planned.value()) ==
        "partner_id.country_id.phone_code=49;partner_id.is_company=false;partner_id.unknown=1.10;"
        R"(partner_id={"external_id":"base.main_partner"};order_line={"id":8};id=5;)");
}

TEST_CASE("a key that does not fit") {
  const auto error = [](const char* field, const char* payload) {
    return ErrorText(PlannedRule(Action::kUpdateRecord, "res.partner").Lookup(field, Payload("k")),
                     payload);
  };
  CHECK(error("color", R"({"k": "red"})") ==
        "rule \"Import\", lookup 1 (color): found \"red\", expected a whole number from "
        "-2147483648 to 2147483647");
  CHECK(error("ref", R"({"k": ["A"]})") ==
        "rule \"Import\", lookup 1 (ref): found [\"A\"], expected a single value");
  CHECK(error("parent_id", R"({"k": {"id": 5}})") ==
        "rule \"Import\", lookup 1 (parent_id): found {\"id\":5}, expected a single value");
  CHECK(error("id", R"({"k": "A"})")
            .ends_with("expected a whole number from -2147483648 to 2147483647"));
}

TEST_CASE("what cannot be planned at all") {
  PlannedRule rule = Creating("res.partner");
  CHECK(ErrorText(rule, "{}") == "rule \"Import\": no assignment gives a value for the new record");
  rule.Assign("name", Payload("name"));
  CHECK(ErrorText(rule, "{}").ends_with("no assignment gives a value for the new record"));
  rule.compiled().rule.action = Action::kDone;
  CHECK(ErrorText(rule, "{}") == "rule \"Import\": the rule's action writes no record");
  rule.compiled().rule.action = Action::kCreateRecord;
  rule.compiled().problem = "condition 1: the path is wrong";
  CHECK(ErrorText(rule, "{}") == "rule \"Import\": condition 1: the path is wrong");
  rule.compiled().problem.clear();
  rule.compiled().assignment_sources.clear();
  CHECK(ErrorText(rule, "{}") == "rule \"Import\": the rule is not compiled");
  CHECK(ErrorText(Creating("").Assign("name", Typed("x")), "{}") ==
        "rule \"Import\": the rule has no target model");
  CHECK(ErrorText(Creating("res.partner").Assign("payload", Typed("x"), {}, model::Scope::kRequest),
                  "{}")
            .ends_with("the target is no field such as name or partner_id/ref"));
}

TEST_CASE("a source that cannot be read is the row's error") {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", {model::SourceKind::kCompanyField, "name", {}, false});
  CHECK(ErrorText(rule, "{}").starts_with("rule \"Import\", assignment 1 (name): "));
}

TEST_CASE("an operation stays below 2 MiB") {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", Payload("a")).Assign("comment", Payload("b"));
  const std::string half(1 << 20, 'x');
  const std::string payload = R"({"a": ")" + half + R"(", "b": ")" + half + R"("})";
  CHECK(ErrorText(rule, payload) ==
        "rule \"Import\", assignment 2 (comment): with this value the operation is larger than 2 "
        "MiB");
  CHECK(rule.On(R"({"a": ")" + half + R"("})").ok());
}

TEST_CASE("create has no lookup, whatever rows there are") {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", Typed("x")).Lookup("ref", Payload("ref"));
  REQUIRE(rule.On("{}").ok());
  CHECK(rule.On("{}").value().lookup.empty());
}

TEST_CASE("an error never quotes what may be a credential") {
  const model::Value headers = Json(R"({"authorization": "hunter2", "x-color": "blue"})");
  Facts facts;
  facts.headers = &headers;
  const auto error_of = [&](const model::Source& source) {
    PlannedRule rule = Creating("res.partner");
    rule.Assign("name", Typed("n")).Assign("color", source);
    const auto planned = Plan(rule.compiled(), facts, SalesMetadata());
    REQUIRE_FALSE(planned.ok());
    return PlanErrorText(planned.error());
  };
  const auto header = [](std::string name) {
    return model::Source{model::SourceKind::kHeader, std::move(name), {}, false};
  };
  CHECK(error_of(header("X-Color")).find("blue") != std::string::npos);
  const std::string redacted = error_of(header("Authorization"));
  CHECK(redacted.find("hunter2") == std::string::npos);
  CHECK(redacted.find("found (redacted), expected") != std::string::npos);
  CHECK(error_of(TemplateText("{{ header.Authorization | number(2) }}")).find("hunter2") ==
        std::string::npos);

  PlannedRule lookup(model::Action::kUpdateRecord, "res.partner");
  lookup.Lookup("color", header("Authorization")).Assign("name", Typed("n"));
  const auto planned = Plan(lookup.compiled(), facts, SalesMetadata());
  REQUIRE_FALSE(planned.ok());
  CHECK(PlanErrorText(planned.error()).find("hunter2") == std::string::npos);
}
