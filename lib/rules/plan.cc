// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/plan.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/rules/credential_source.h"
#include "lib/rules/planned_values.h"

namespace webhook::rules {
namespace {

using model::Action;
using model::OperationKind;

std::optional<OperationKind> KindOf(Action action) {
  switch (action) {
    case Action::kCreateRecord:
      return OperationKind::kCreate;
    case Action::kUpdateRecord:
      return OperationKind::kUpdate;
    case Action::kUpsertRecord:
      return OperationKind::kUpsert;
    case Action::kDone:
    case Action::kDeadLetter:
    case Action::kRetry:
    case Action::kSend:
    case Action::kCancel:
      return std::nullopt;
  }
  return std::nullopt;
}

PlanPlace RowPlace(const model::Rule& rule, const char* kind, std::size_t index,
                   const std::string& field) {
  return {rule.name, std::string(kind) + " " + std::to_string(index + 1), field};
}

// Empty when a part is: "a//b", "".
std::vector<std::string> SplitTarget(std::string_view target) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t slash = target.find('/');
    const std::string_view part = target.substr(0, slash);
    if (part.empty()) return {};
    parts.emplace_back(part);
    if (slash == std::string_view::npos) return parts;
    target.remove_prefix(slash + 1);
  }
}

base::Result<std::vector<FieldRow>, PlanError> FieldRowsOf(const CompiledRule& compiled) {
  std::vector<FieldRow> rows;
  const auto& assignments = compiled.rule.assignments;
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    const model::Assignment& assignment = assignments[i];
    FieldRow row;
    row.place = RowPlace(compiled.rule, "assignment", i, assignment.target);
    row.path = SplitTarget(assignment.target);
    row.source = &compiled.assignment_sources[i];
    row.mode = assignment.list_mode;
    if (assignment.scope != model::Scope::kField || row.path.empty()) {
      return PlaceError(row.place, "the target is no field such as name or partner_id/ref");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

PlanError Shown(const model::Source& source, const PlanError& error) {
  return CarriesCredential(source) ? WithoutValue(error) : error;
}

// The row's error names it: "assignment 1", "assignment 1, item 2".
PlanError Shown(const std::vector<FieldRow>& rows, const PlanError& error) {
  const std::string at = error.place.row + ",";
  for (const FieldRow& row : rows) {
    if (at.starts_with(row.place.row + ",")) return Shown(row.source->source(), error);
  }
  return error;
}

base::Result<model::LookupKey, PlanError> PlanKey(const CompiledRule& compiled, std::size_t index,
                                                  const Facts& facts,
                                                  const model::FieldMetadata& metadata) {
  const model::Rule& rule = compiled.rule;
  const std::string& field = rule.lookups[index].field;
  const PlanPlace place = RowPlace(rule, "lookup", index, field);
  auto found = compiled.lookup_sources[index].Read(facts);
  if (!found.ok()) {
    return PlaceError(place, ShownReadError(rule.lookups[index].source, found.error()));
  }
  // An object could only be a record that the sender chooses how to look for.
  Coerced key = found.value().object() == nullptr
                    ? CoerceKey(metadata, rule.target_model, field, found.value())
                    : CoercionError{"a single value"};
  if (!key.ok()) return MisfitError(place, found.value(), key.error().expectation);
  if (key.value().is_missing()) {
    PlanError error =
        MisfitError(place, found.value(), "a value, as the record is looked up by it");
    error.dead_letter = rule.on_key_missing == model::LookupPolicy::kDeadLetter;
    return error;
  }
  return model::LookupKey{field, std::move(key).value()};
}

base::Result<std::vector<model::LookupKey>, PlanError> PlanLookup(
    const CompiledRule& compiled, const Facts& facts, const model::FieldMetadata& metadata) {
  std::vector<model::LookupKey> keys;
  for (std::size_t i = 0; i < compiled.rule.lookups.size(); ++i) {
    auto key = PlanKey(compiled, i, facts, metadata);
    if (!key.ok()) return Shown(compiled.rule.lookups[i].source, key.error());
    keys.push_back(std::move(key).value());
  }
  // Without keys the first record of the model would be taken.
  if (keys.empty()) return PlaceError({compiled.rule.name, {}, {}}, "the rule has no lookup key");
  return keys;
}

Planned PlanValues(const CompiledRule& compiled, const Facts& facts,
                   const model::FieldMetadata& metadata) {
  auto rows = FieldRowsOf(compiled);
  if (!rows.ok()) return rows.error();
  FieldRows borrowed;
  for (const FieldRow& row : rows.value()) borrowed.push_back(&row);
  Planned values =
      ValuesPlanner(metadata).RecordValues(compiled.rule.target_model, borrowed, facts);
  if (!values.ok()) return Shown(rows.value(), values.error());
  return values;
}

// One sentence; empty when the rule can be planned.
std::string RuleProblem(const CompiledRule& compiled) {
  const model::Rule& rule = compiled.rule;
  if (!compiled.problem.empty()) return compiled.problem;
  if (!KindOf(rule.action)) return "the rule's action writes no record";
  if (rule.target_model.empty()) return "the rule has no target model";
  if (compiled.lookup_sources.size() != rule.lookups.size() ||
      compiled.assignment_sources.size() != rule.assignments.size()) {
    return "the rule is not compiled";
  }
  return {};
}

model::RecordOperation EmptyOperation(const model::Rule& rule) {
  model::RecordOperation operation;
  operation.kind = *KindOf(rule.action);
  operation.model = rule.target_model;
  operation.rule_id = rule.id;
  operation.on_none = rule.on_none;
  operation.on_many = rule.on_many;
  operation.include_archived = rule.include_archived;
  return operation;
}

}  // namespace

base::Result<model::RecordOperation, PlanError> Plan(const CompiledRule& compiled,
                                                     const Facts& facts,
                                                     const model::FieldMetadata& metadata) {
  const PlanPlace whole{compiled.rule.name, {}, {}};
  if (std::string problem = RuleProblem(compiled); !problem.empty()) {
    return PlaceError(whole, std::move(problem));
  }
  model::RecordOperation operation = EmptyOperation(compiled.rule);
  if (operation.kind != OperationKind::kCreate) {
    auto lookup = PlanLookup(compiled, facts, metadata);
    if (!lookup.ok()) return lookup.error();
    operation.lookup = std::move(lookup).value();
  }
  Planned values = PlanValues(compiled, facts, metadata);
  if (!values.ok()) return values.error();
  operation.values = std::move(values).value();
  if (operation.kind == OperationKind::kCreate && operation.values.object()->empty()) {
    return PlaceError(whole, "no assignment gives a value for the new record");
  }
  return operation;
}

}  // namespace webhook::rules
