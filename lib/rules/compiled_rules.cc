// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/compiled_rules.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "lib/rules/credential_source.h"
#include "lib/rules/phase_checks.h"
#include "lib/rules/rule_findings.h"
#include "lib/rules/short_json.h"
#include "lib/rules/target_checks.h"
#include "lib/rules/trace.h"

namespace webhook::rules {
namespace {

// Rows that are not saved yet will get higher ids than all saved ones, -1 first.
std::pair<int, model::RowId> OrderOf(const model::Rule& rule) {
  return rule.id >= 0 ? std::pair(0, rule.id) : std::pair(1, -rule.id);
}

bool ComesBefore(const model::Rule& left, const model::Rule& right) {
  if (left.sequence != right.sequence) return left.sequence < right.sequence;
  return OrderOf(left) < OrderOf(right);
}

// Compiles one rule, row by row; every row is looked at, whatever is wrong with those before it.
class RuleCompiler {
 public:
  RuleCompiler(const model::Handler& handler, const model::Rule& rule)
      : handler_(handler), findings_(handler.id, rule) {
    compiled_.rule = rule;
  }

  CompiledRule Compile() {
    CheckAction(findings_);
    CompileConditions();
    CompileLookups();
    CompileAssignments();
    if (IsRecordAction(rule().action)) CheckTargets(findings_, handler_.field_metadata);
    compiled_.problem = findings_.problem();
    if (!compiled_.problem.empty()) DropRows();
    return std::move(compiled_);
  }

  const std::vector<model::Finding>& findings() const { return findings_.all(); }
  const std::set<std::string>& needs() const { return needs_; }

 private:
  const model::Rule& rule() const { return findings_.rule(); }

  void CompileConditions() {
    for (std::size_t i = 0; i < rule().conditions.size(); ++i) {
      const model::Condition& condition = rule().conditions[i];
      const RuleRow row{"condition", i};
      auto source = Source(row, condition.source, false);
      auto test = CompiledTest::Compile(condition);
      if (!test) findings_.Error(row, test.error());
      if (!source || !test) continue;
      if (!test.value().warning().empty()) findings_.Warning(row, test.value().warning());
      const bool is_redacted = CarriesCredential(condition.source);
      compiled_.conditions.push_back({condition, std::move(*source), std::move(test).value(),
                                      is_redacted, TracePrefix(condition, is_redacted)});
    }
  }

  void CompileLookups() {
    for (std::size_t i = 0; i < rule().lookups.size(); ++i) {
      auto source = Source({"lookup", i}, rule().lookups[i].source, false);
      if (source) compiled_.lookup_sources.push_back(std::move(*source));
    }
  }

  void CompileAssignments() {
    for (std::size_t i = 0; i < rule().assignments.size(); ++i) {
      const model::Assignment& assignment = rule().assignments[i];
      const RuleRow row{"assignment", i};
      const bool is_of_item = CheckScope(findings_, row, assignment) &&
                              IsOfItem(handler_.field_metadata, rule(), assignment);
      auto source = Source(row, assignment.source, is_of_item);
      if (source) compiled_.assignment_sources.push_back(std::move(*source));
    }
  }

  std::optional<CompiledSource> Source(RuleRow row, const model::Source& source, bool is_of_item) {
    CheckSource(findings_, row, source, is_of_item);
    auto compiled = CompileSource(source);
    if (!compiled) {
      findings_.Error(row, compiled.error());
      return std::nullopt;
    }
    for (const std::string& need : compiled.value().needs()) AddNeed(row, need);
    return std::move(compiled).value();
  }

  void AddNeed(RuleRow row, const std::string& need) {
    if (need.size() <= kNeedBytesMax) {
      needs_.insert(need);
      return;
    }
    findings_.Error(row, "the path of fields " + Shortened(need, 60) + " is longer than " +
                             std::to_string(kNeedBytesMax) + " bytes; shorten it");
  }

  void DropRows() {
    compiled_.conditions.clear();
    compiled_.lookup_sources.clear();
    compiled_.assignment_sources.clear();
  }

  const model::Handler& handler_;
  RuleFindings findings_;
  CompiledRule compiled_;
  std::set<std::string> needs_;
};

model::Finding HandlerFinding(model::RecordId handler_id, bool is_error, std::string message) {
  return {"bwt.webhook.handler", handler_id, "", is_error, std::move(message)};
}

void TakeNeeds(CompiledHandler& compiled, const std::set<std::string>& needs) {
  for (const std::string& need : needs) {
    if (compiled.needs.size() < kNeedsMax) compiled.needs.push_back(need);
  }
  if (needs.size() <= kNeedsMax) return;
  compiled.findings.push_back(HandlerFinding(
      compiled.handler_id, true,
      "The rules read " + std::to_string(needs.size()) + " fields of records, more than " +
          std::to_string(kNeedsMax) + ". Remove some, or split the handler in two."));
}

// Errors are kept first: they are what keeps the handler from being activated.
void BoundFindings(CompiledHandler& compiled) {
  auto& findings = compiled.findings;
  if (findings.size() <= kFindingsMax) return;
  std::stable_partition(findings.begin(), findings.end(),
                        [](const model::Finding& finding) { return finding.is_error; });
  const std::size_t more = findings.size() - (kFindingsMax - 1);
  const bool cuts_error = findings[kFindingsMax - 1].is_error;
  findings.resize(kFindingsMax - 1);
  findings.push_back(HandlerFinding(
      compiled.handler_id, cuts_error,
      "And " + std::to_string(more) + " more findings in its rules. Repair these first."));
}

}  // namespace

CompiledHandler Compile(const model::Handler& handler) {
  CompiledHandler compiled;
  compiled.handler_id = handler.id;
  compiled.field_metadata = handler.field_metadata;
  if (handler.execution_mode != model::ExecutionMode::kModelDriven) return compiled;
  std::vector<const model::Rule*> rules;
  for (const model::Rule& rule : handler.rules) rules.push_back(&rule);
  std::ranges::stable_sort(
      rules, [](const auto* left, const auto* right) { return ComesBefore(*left, *right); });
  std::set<std::string> needs;
  for (const model::Rule* rule : rules) {
    RuleCompiler compiler(handler, *rule);
    compiled.rules.push_back(compiler.Compile());
    std::ranges::copy(compiler.findings(), std::back_inserter(compiled.findings));
    needs.insert(compiler.needs().begin(), compiler.needs().end());
  }
  TakeNeeds(compiled, needs);
  BoundFindings(compiled);
  return compiled;
}

}  // namespace webhook::rules
