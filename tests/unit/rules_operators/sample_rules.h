// SPDX-License-Identifier: LGPL-3.0-or-later
// Short ways to write rules down in tests.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "lib/model/configuration.h"
#include "lib/model/rule.h"
#include "lib/model/value.h"

namespace webhook::rules {

inline model::Source SourceOf(model::SourceKind kind, std::string expression = "") {
  return {kind, std::move(expression), "", false};
}

inline model::Source PayloadAt(std::string path) {
  return SourceOf(model::SourceKind::kPayloadPath, std::move(path));
}

inline model::Condition ConditionOf(model::Source source, model::Operator op,
                                    std::string expected = "") {
  model::Condition condition;
  condition.source = std::move(source);
  condition.op = op;
  condition.expected = std::move(expected);
  return condition;
}

inline model::Rule RuleOf(model::RowId id, std::string name,
                          std::vector<model::Condition> conditions = {}, int sequence = 10) {
  model::Rule rule;
  rule.id = id;
  rule.sequence = sequence;
  rule.name = std::move(name);
  rule.conditions = std::move(conditions);
  return rule;
}

inline model::Handler HandlerOf(std::vector<model::Rule> rules) {
  model::Handler handler;
  handler.id = 7;
  handler.rules = std::move(rules);
  return handler;
}

inline model::Value Json(const std::string& text) {
  auto value = model::ParseJson(text);
  REQUIRE_MESSAGE(value.ok(), text);
  return std::move(value).value();
}

}  // namespace webhook::rules
