// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

// Limits of the schemas (rules.schema.json, configuration.schema.json).
constexpr std::size_t kRulesMax = 500;
constexpr std::size_t kConditionsMax = 50;
constexpr std::size_t kLookupsMax = 20;
constexpr std::size_t kAssignmentsMax = 200;
constexpr std::int64_t kRetrySecondsMax = 31536000;
constexpr std::int64_t kCallbackSecondsMax = 240;

constexpr std::array<std::pair<std::string_view, ExecutionMode>, 3> kExecutionModes = {
    {{"model_driven", ExecutionMode::kModelDriven},
     {"native", ExecutionMode::kNative},
     {"python", ExecutionMode::kPython}}};

constexpr std::array<std::pair<std::string_view, ListMode>, 2> kListModes = {
    {{"replace", ListMode::kReplace}, {"add", ListMode::kAdd}}};

constexpr std::array<std::pair<std::string_view, LookupPolicy>, 2> kPoliciesWithoutFirst = {
    {{"error", LookupPolicy::kError}, {"dead_letter", LookupPolicy::kDeadLetter}}};

Condition ReadCondition(const Json& json) {
  Condition condition;
  condition.id = ReadRowId(json, "id");
  condition.source = ReadSource(json);
  condition.op = ReadSpelled(json, "operator", Operator::kMatches);
  condition.expected = ReadOptionalText(json, "expected");
  condition.expected_is_json = ReadOptionalFlag(json, "expected_is_json");
  condition.ignore_case = ReadOptionalFlag(json, "ignore_case");
  return condition;
}

Lookup ReadLookup(const Json& json) {
  return {ReadRowId(json, "id"), ReadText(json, "field"), ReadSource(json)};
}

Assignment ReadAssignment(const Json& json) {
  Assignment assignment;
  assignment.id = ReadRowId(json, "id");
  assignment.scope = ReadSpelled(json, "scope", Scope::kPayload);
  assignment.target = ReadText(json, "target");
  assignment.source = ReadSource(json);
  if (json.contains("list_mode")) assignment.list_mode = ReadOneOf(json, "list_mode", kListModes);
  return assignment;
}

void ReadPolicies(const Json& json, Rule& rule) {
  if (json.contains("on_key_missing")) {
    rule.on_key_missing = ReadOneOf(json, "on_key_missing", kPoliciesWithoutFirst);
  }
  if (json.contains("on_none")) rule.on_none = ReadOneOf(json, "on_none", kPoliciesWithoutFirst);
  if (json.contains("on_many")) {
    rule.on_many = ReadSpelled(json, "on_many", LookupPolicy::kDeadLetter);
  }
}

Rule ReadRule(const Json& json) {
  Rule rule;
  rule.id = ReadRowId(json, "id");
  rule.sequence = static_cast<int>(ReadRowId(json, "sequence"));
  rule.name = ReadText(json, "name");
  rule.phase = ReadSpelled(json, "phase", Phase::kResponse);
  rule.action = ReadSpelled(json, "action", Action::kCancel);
  if (json.contains("retry_seconds")) {
    rule.retry_after = std::chrono::seconds(ReadWhole(json, "retry_seconds", 0, kRetrySecondsMax));
  }
  rule.note = ReadOptionalText(json, "note");
  rule.target_model = ReadOptionalText(json, "target_model");
  ReadPolicies(json, rule);
  rule.include_archived = ReadOptionalFlag(json, "include_archived");
  rule.conditions = ReadRows(json, "conditions", kConditionsMax, ReadCondition);
  rule.lookups = ReadRows(json, "lookups", kLookupsMax, ReadLookup);
  rule.assignments = ReadRows(json, "assignments", kAssignmentsMax, ReadAssignment);
  return rule;
}

std::pair<std::string, std::string> ReadSelectionItem(const Json& item) {
  if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_string()) {
    throw Misfit("selection", "must be a list of pairs of texts");
  }
  return {item[0].get<std::string>(), item[1].get<std::string>()};
}

FieldMeta ReadFieldMeta(const Json& json) {
  FieldMeta meta;
  meta.type = ReadSpelled(json, "type", FieldType::kOther);
  meta.label = ReadText(json, "label");
  meta.required = ReadOptionalFlag(json, "required");
  meta.readonly = ReadOptionalFlag(json, "readonly");
  meta.relation = ReadOptionalText(json, "relation");
  if (json.contains("selection")) {
    for (const Json& item : ReadList(json, "selection"))
      meta.selection.push_back(ReadSelectionItem(item));
  }
  if (json.contains("size")) meta.size = static_cast<std::size_t>(ReadInt(json, "size", 1));
  return meta;
}

FieldMetadata ReadFieldMetadata(const Json& json) {
  FieldMetadata metadata;
  for (const auto& [model, fields] : json.items()) {
    if (!fields.is_object()) throw Misfit("field_metadata", "must map models to fields");
    auto& known = metadata[model];
    for (const auto& [name, field] : fields.items()) known.emplace(name, ReadFieldMeta(field));
  }
  return metadata;
}

std::vector<std::string> ReadTexts(const Json& json, const char* key) {
  std::vector<std::string> texts;
  for (const Json& text : ReadList(json, key)) {
    if (!text.is_string()) throw Misfit(key, "must be a list of texts");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace

Source ReadSource(const Json& row) {
  const Json& json = ReadObject(row, "source");
  Source source;
  source.kind = ReadSpelled(json, "kind", SourceKind::kTemplate);
  source.expression = ReadOptionalText(json, "expression");
  source.literal = ReadOptionalText(json, "literal");
  source.literal_is_json = ReadOptionalFlag(json, "literal_is_json");
  return source;
}

Handler ReadHandler(const Json& json) {
  Handler handler;
  handler.id = ReadId(json, "id");
  handler.code = ReadText(json, "code");
  handler.execution_mode = ReadOneOf(json, "execution_mode", kExecutionModes);
  handler.active = ReadFlag(json, "active");
  handler.native_callback = ReadOptionalText(json, "native_callback");
  if (json.contains("callback_timeout_seconds")) {
    handler.callback_timeout =
        std::chrono::seconds(ReadWhole(json, "callback_timeout_seconds", 1, kCallbackSecondsMax));
  }
  if (json.contains("allowed_models")) handler.allowed_models = ReadTexts(json, "allowed_models");
  if (json.contains("rules")) handler.rules = ReadRows(json, "rules", kRulesMax, ReadRule);
  if (json.contains("field_metadata")) {
    handler.field_metadata = ReadFieldMetadata(ReadObject(json, "field_metadata"));
  }
  return handler;
}

Decoded<Handler> DecodeHandler(std::string_view text) {
  return DecodeText("handler", text, ReadHandler);
}

}  // namespace webhook::model
