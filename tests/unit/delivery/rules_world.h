// SPDX-License-Identifier: LGPL-3.0-or-later
// Handlers with rules, short to write.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/fact_values.h"
#include "lib/model/configuration.h"
#include "lib/rules/compiled_rules.h"

namespace webhook::delivery {

inline model::Source From(model::SourceKind kind, std::string expression) {
  model::Source source;
  source.kind = kind;
  source.expression = std::move(expression);
  return source;
}

inline model::Source PayloadPath(std::string path) {
  return From(model::SourceKind::kPayloadPath, std::move(path));
}

inline model::Condition Equals(model::Source source, std::string expected) {
  model::Condition condition;
  condition.id = 1;
  condition.source = std::move(source);
  condition.expected = std::move(expected);
  return condition;
}

inline model::Assignment Assign(model::Scope scope, std::string target, model::Source source) {
  model::Assignment assignment;
  assignment.id = 1;
  assignment.scope = scope;
  assignment.target = std::move(target);
  assignment.source = std::move(source);
  return assignment;
}

inline model::Rule RuleOf(model::RowId id, model::Phase phase, model::Action action,
                          std::vector<model::Condition> conditions = {}) {
  model::Rule rule;
  rule.id = id;
  rule.sequence = static_cast<int>(id);
  rule.name = "Rule " + std::to_string(id);
  rule.phase = phase;
  rule.action = action;
  rule.conditions = std::move(conditions);
  return rule;
}

// Creates a partner by the payload's name.
inline model::Rule CreatePartner(model::RowId id, model::Phase phase) {
  model::Rule rule = RuleOf(id, phase, model::Action::kCreateRecord);
  rule.target_model = "res.partner";
  rule.assignments = {Assign(model::Scope::kField, "name", PayloadPath("name")),
                      Assign(model::Scope::kField, "color", PayloadPath("color"))};
  return rule;
}

inline model::Handler HandlerOf(std::vector<model::Rule> rules) {
  model::Handler handler;
  handler.id = 7;
  handler.code = "handler";
  handler.rules = std::move(rules);
  model::FieldMeta name;
  name.type = model::FieldType::kChar;
  name.label = "Name";
  model::FieldMeta color;
  color.type = model::FieldType::kInteger;
  color.label = "Color";
  handler.field_metadata["res.partner"] = {{"name", name}, {"color", color}};
  return handler;
}

inline model::Event EventOf(std::string body) {
  model::Event event;
  event.id = 1;
  event.body = std::move(body);
  event.resolved_values = "{}";
  event.field_values = "{}";
  return event;
}

}  // namespace webhook::delivery
