// SPDX-License-Identifier: LGPL-3.0-or-later
// A handler's rules, checked and made ready: sources parsed, expected values read, patterns
// compiled, and everything found wrong told for Odoo's banners. Pure; immutable afterwards, so that
// several threads may evaluate one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lib/model/configuration.h"
#include "lib/model/contract.h"
#include "lib/model/rule.h"
#include "lib/rules/operators.h"
#include "lib/rules/source.h"

namespace webhook::rules {

struct CompiledCondition {
  model::Condition condition;
  CompiledSource source;
  CompiledTest test;
  bool is_redacted = false;  // the trace does not show its value
  std::string trace_prefix;
};

struct CompiledRule {
  model::Rule rule;
  // Not empty: why the rule is invalid (its first finding of severity error). Then the lists below
  // are empty, and an evaluation that reaches the rule stops with an error: skipping it could let a
  // later rule win that was never meant to.
  std::string problem;
  std::vector<CompiledCondition> conditions;
  std::vector<CompiledSource> lookup_sources;      // of rule.lookups, in their order
  std::vector<CompiledSource> assignment_sources;  // of rule.assignments, in their order
};

struct CompiledHandler {
  model::RecordId handler_id = 0;
  // By sequence, then id; rows not saved yet (negative ids) come after saved ones of their
  // sequence, -1 first.
  std::vector<CompiledRule> rules;
  model::FieldMetadata field_metadata;
  std::vector<model::Finding> findings;  // kFindingsMax at most; the last one says how many more
  std::vector<std::string> needs;        // sorted, unique, kNeedsMax at most
};

inline constexpr std::size_t kFindingsMax = 200;
inline constexpr std::size_t kNeedsMax = 500;
inline constexpr std::size_t kNeedBytesMax = 300;

// Of a handler that is not model-driven nothing is compiled: its rules are never evaluated.
CompiledHandler Compile(const model::Handler& handler);

}  // namespace webhook::rules
