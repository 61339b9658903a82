// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "lib/model/spelling.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
using Json = nlohmann::json;
using std::chrono::seconds;

namespace {

Json Good() {
  return Json::parse(R"({
    "id": 2, "code": "orders", "name": "Orders", "company_id": 1, "direction": "inbound",
    "execution_mode": "native", "native_callback": "acme.paid", "active": true,
    "execution_user_id": 7, "callback_timeout_seconds": 45, "allowed_models": ["res.partner"],
    "rules": [{
      "id": -5, "sequence": -3, "name": "New", "phase": "event", "action": "upsert_record",
      "retry_seconds": 60, "note": "why", "target_model": "res.partner",
      "on_key_missing": "dead_letter", "on_none": "dead_letter", "on_many": "first",
      "include_archived": true,
      "conditions": [{"id": 1, "source": {"kind": "payload_path", "expression": "a.b"},
                      "operator": "gte", "expected": "1.10", "expected_is_json": true,
                      "ignore_case": true}],
      "lookups": [{"id": 2, "field": "ref", "source": {"kind": "literal", "literal": "00123",
                                                       "literal_is_json": true}}],
      "assignments": [{"id": 3, "scope": "header", "target": "X-A",
                       "source": {"kind": "template", "expression": "{{ a }}"},
                       "list_mode": "add"}]}],
    "field_metadata": {"res.partner": {"ref": {
      "type": "many2one", "label": "Reference", "required": true, "readonly": true,
      "relation": "res.country", "selection": [["a", "A"], ["b", "B"]], "size": 64}}}})");
}

const std::string kRule = "/rules/0";

Handler ReadGood(const Json& json) {
  REQUIRE(SchemaErrors("handler", json.dump()) == "");
  const auto decoded = DecodeHandler(json.dump());
  REQUIRE_MESSAGE(decoded.ok(), decoded.error().message);
  return decoded.value();
}

// Every spelling that the schema lists is read, and no other.
template <typename T>
void CheckSpellings(const char* definition, const std::string& pointer, const std::string& member,
                    T last) {
  CAPTURE(pointer);
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    Json json = Good();
    json[Json::json_pointer(pointer)] = Spelling(static_cast<T>(i));
    static_cast<void>(ReadGood(json));
  }
  CheckRefused(Good(), {pointer, "neither"}, DecodeHandler);
  CheckRefused(Good(), {pointer, ""}, DecodeHandler);
  CHECK(SchemaEnumSize(definition, member) == static_cast<std::size_t>(last) + 1);
}

}  // namespace

TEST_CASE("a handler is read member by member") {
  const Handler handler = ReadGood(Good());
  CHECK(handler.id == 2);
  CHECK(handler.code == "orders");
  CHECK(handler.execution_mode == ExecutionMode::kNative);
  CHECK(handler.active);
  CHECK(handler.native_callback == "acme.paid");
  CHECK(handler.callback_timeout == seconds(45));
  CHECK(handler.allowed_models == std::vector<std::string>{"res.partner"});
  REQUIRE(handler.rules.size() == 1);
  const Rule& rule = handler.rules[0];
  CHECK(rule.id == -5);
  CHECK(rule.sequence == -3);
  CHECK(rule.name == "New");
  CHECK(rule.phase == Phase::kEvent);
  CHECK(rule.action == Action::kUpsertRecord);
  CHECK(rule.retry_after == seconds(60));
  CHECK(rule.note == "why");
  CHECK(rule.target_model == "res.partner");
  CHECK(rule.on_key_missing == LookupPolicy::kDeadLetter);
  CHECK(rule.on_none == LookupPolicy::kDeadLetter);
  CHECK(rule.on_many == LookupPolicy::kFirst);
  CHECK(rule.include_archived);
}

TEST_CASE("the rows of a rule are read member by member") {
  const Rule rule = ReadGood(Good()).rules.at(0);
  const Condition& condition = rule.conditions.at(0);
  CHECK(condition.id == 1);
  CHECK(condition.source.kind == SourceKind::kPayloadPath);
  CHECK(condition.source.expression == "a.b");
  CHECK(condition.op == Operator::kGreaterOrEqual);
  CHECK(condition.expected == "1.10");
  CHECK(condition.expected_is_json);
  CHECK(condition.ignore_case);
  const Lookup& lookup = rule.lookups.at(0);
  CHECK(lookup.id == 2);
  CHECK(lookup.field == "ref");
  CHECK(lookup.source.kind == SourceKind::kLiteral);
  CHECK(lookup.source.literal == "00123");
  CHECK(lookup.source.literal_is_json);
  const Assignment& assignment = rule.assignments.at(0);
  CHECK(assignment.id == 3);
  CHECK(assignment.scope == Scope::kHeader);
  CHECK(assignment.target == "X-A");
  CHECK(assignment.source.kind == SourceKind::kTemplate);
  CHECK(assignment.source.expression == "{{ a }}");
  CHECK(assignment.list_mode == ListMode::kAdd);
}

TEST_CASE("field metadata is read member by member") {
  const FieldMeta meta = ReadGood(Good()).field_metadata.at("res.partner").at("ref");
  CHECK(meta.type == FieldType::kMany2one);
  CHECK(meta.label == "Reference");
  CHECK(meta.required);
  CHECK(meta.readonly);
  CHECK(meta.relation == "res.country");
  CHECK(meta.selection == std::vector<std::pair<std::string, std::string>>{{"a", "A"}, {"b", "B"}});
  CHECK(meta.size == 64);
}

TEST_CASE("what a handler need not say has the values of the schema") {
  Json json = Good();
  for (const char* member : {"native_callback", "callback_timeout_seconds", "allowed_models",
                             "field_metadata", "execution_user_id"}) {
    json.erase(member);
  }
  for (const char* member : {"retry_seconds", "note", "target_model", "on_key_missing", "on_none",
                             "on_many", "include_archived"}) {
    json["rules"][0].erase(member);
  }
  json["rules"][0]["conditions"][0] = {
      {"id", 1}, {"source", {{"kind", "response_status"}}}, {"operator", "is_set"}};
  json["rules"][0]["assignments"][0].erase("list_mode");
  const Handler handler = ReadGood(json);
  CHECK(handler.callback_timeout == seconds(30));
  CHECK(handler.allowed_models.empty());
  CHECK(handler.field_metadata.empty());
  const Rule& rule = handler.rules.at(0);
  CHECK(rule.retry_after == seconds(0));
  CHECK(rule.on_key_missing == LookupPolicy::kError);
  CHECK(rule.on_none == LookupPolicy::kError);
  CHECK(rule.on_many == LookupPolicy::kError);
  CHECK_FALSE(rule.include_archived);
  CHECK_FALSE(rule.conditions.at(0).expected_is_json);
  CHECK_FALSE(rule.conditions.at(0).ignore_case);
  CHECK(rule.assignments.at(0).list_mode == ListMode::kReplace);
  json.erase("rules");
  CHECK(ReadGood(json).rules.empty());
}

TEST_CASE("every spelling of the schema is read, and no other") {
  CheckSpellings("value_source", kRule + "/conditions/0/source/kind", "kind",
                 SourceKind::kTemplate);
  CheckSpellings("rule_condition", kRule + "/conditions/0/operator", "operator",
                 Operator::kMatches);
  CheckSpellings("rule_assignment", kRule + "/assignments/0/scope", "scope", Scope::kPayload);
  CheckSpellings("rule", kRule + "/phase", "phase", Phase::kResponse);
  CheckSpellings("rule", kRule + "/action", "action", Action::kCancel);
  CheckSpellings("rule", kRule + "/on_many", "on_many", LookupPolicy::kDeadLetter);
  CheckSpellings("field_meta", "/field_metadata/res.partner/ref/type", "type", FieldType::kOther);
  for (const char* member : {"on_key_missing", "on_none"}) {
    CheckRefused(Good(), {kRule + "/" + member, "first"}, DecodeHandler);
  }
}

TEST_CASE("a handler without a required member is refused by that member's name") {
  for (const char* member : {"id", "code", "execution_mode", "active"}) {
    CheckRequired(Good(), std::string("/") + member, DecodeHandler);
  }
  for (const char* member :
       {"id", "sequence", "name", "phase", "action", "conditions", "lookups", "assignments",
        "conditions/0/id", "conditions/0/source", "conditions/0/source/kind",
        "conditions/0/operator", "lookups/0/id", "lookups/0/field", "lookups/0/source",
        "assignments/0/id", "assignments/0/scope", "assignments/0/target",
        "assignments/0/source"}) {
    CheckRequired(Good(), kRule + "/" + member, DecodeHandler);
  }
  for (const char* member : {"type", "label"}) {
    CheckRequired(Good(), std::string("/field_metadata/res.partner/ref/") + member, DecodeHandler);
  }
}

TEST_CASE("a handler with a member of another type is refused by its name") {
  for (const char* member : {"/rules", "/allowed_models", "/rules/0/conditions", "/rules/0/lookups",
                             "/rules/0/assignments", "/field_metadata/res.partner/ref/selection"}) {
    CheckMistyped(Good(), member, kNoLists, DecodeHandler);
  }
  for (const char* member :
       {"/native_callback", "/rules/0/name", "/rules/0/note", "/rules/0/target_model",
        "/rules/0/action", "/rules/0/conditions/0/expected",
        "/rules/0/conditions/0/source/expression", "/rules/0/lookups/0/source/literal",
        "/rules/0/lookups/0/field", "/rules/0/assignments/0/target",
        "/rules/0/assignments/0/list_mode", "/field_metadata/res.partner/ref/label"}) {
    CheckMistyped(Good(), member, kNoTexts, DecodeHandler);
  }
  for (const char* member :
       {"/rules/0/include_archived", "/rules/0/conditions/0/ignore_case",
        "/rules/0/conditions/0/expected_is_json", "/rules/0/lookups/0/source/literal_is_json",
        "/field_metadata/res.partner/ref/required"}) {
    CheckMistyped(Good(), member, kNoFlags, DecodeHandler);
  }
  for (const char* member : {"/callback_timeout_seconds", "/rules/0/retry_seconds",
                             "/field_metadata/res.partner/ref/size"}) {
    CheckMistyped(Good(), member, kNoIntegers, DecodeHandler);
  }
  CheckRefused(Good(), {"/allowed_models", {1}}, DecodeHandler);
  CheckRefused(Good(), {"/field_metadata", Json::array()}, DecodeHandler);
  CheckRefused(Good(), {"/rules/0/conditions/0/source", "literal"}, DecodeHandler);
  for (const Json& item : std::vector<Json>{"a", {"a"}, {"a", 1}, {"a", "b", "c"}, nullptr}) {
    CheckRefused(Good(), {"/field_metadata/res.partner/ref/selection", Json::array({item})},
                 DecodeHandler);
  }
}

TEST_CASE("numbers and lists beyond the schema are refused by their name") {
  const std::int64_t huge = std::int64_t{1} << 31;
  for (const auto& [pointer, value] : std::vector<Spoilt>{{"/rules/0/id", huge},
                                                          {"/rules/0/id", -huge - 1},
                                                          {"/rules/0/sequence", huge},
                                                          {"/rules/0/retry_seconds", 31536001},
                                                          {"/callback_timeout_seconds", 0},
                                                          {"/callback_timeout_seconds", 241}}) {
    CheckRefused(Good(), {pointer, value}, DecodeHandler);
  }
  for (const auto& [pointer, items_max] :
       std::vector<std::pair<std::string, std::size_t>>{{"/rules", 500},
                                                        {"/rules/0/conditions", 50},
                                                        {"/rules/0/lookups", 20},
                                                        {"/rules/0/assignments", 200}}) {
    const Json item = Good()[Json::json_pointer(pointer)][0];
    Json json = Good();
    json[Json::json_pointer(pointer)] = std::vector<Json>(items_max, item);
    static_cast<void>(ReadGood(json));
    CheckRefused(Good(), {pointer, std::vector<Json>(items_max + 1, item)}, DecodeHandler);
  }
}

TEST_CASE("reading a handler never throws, ignores additions, and says whose text it was") {
  CheckNeverThrows(Good().dump(), DecodeHandler);
  Json json = Good();
  json["later"] = nullptr;
  json["rules"][0]["later"] = 1;
  CHECK(DecodeHandler(json.dump()).ok());
  CHECK(DecodeHandler("{").error().message.rfind("handler does not follow", 0) == 0);
}
