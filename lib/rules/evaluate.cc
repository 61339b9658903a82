// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/evaluate.h"

#include "lib/rules/credential_source.h"

namespace webhook::rules {
namespace {

void StopWithError(Evaluation& evaluation, std::string error) {
  evaluation.trace.EndError(error);
  evaluation.error = std::move(error);
}

std::string Unreadable(const CompiledRule& rule, std::size_t index, const std::string& error) {
  return "rule \"" + rule.rule.name + "\", condition " + std::to_string(index + 1) + ": " + error;
}

// Whether all conditions hold; not when the evaluation stopped with an error.
bool AllHold(const CompiledRule& rule, const Facts& facts, Evaluation& evaluation) {
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    const CompiledCondition& condition = rule.conditions[i];
    const auto found = condition.source.Read(facts);
    if (!found) {
      const std::string error = ShownReadError(condition.condition.source, found.error());
      evaluation.trace.AddUnreadable(condition, error);
      StopWithError(evaluation, Unreadable(rule, i, error));
      return false;
    }
    const Verdict verdict = condition.test.Test(found.value());
    evaluation.trace.AddCondition(condition, found.value(), verdict);
    if (!verdict.holds) return false;
  }
  return true;
}

}  // namespace

Evaluation Evaluate(const CompiledHandler& handler, model::Phase phase, const Facts& facts) {
  Evaluation evaluation;
  evaluation.trace = Trace(phase);
  for (const CompiledRule& rule : handler.rules) {
    if (rule.rule.phase != phase) continue;
    evaluation.trace.AddRule(rule);
    if (!rule.problem.empty()) {
      StopWithError(evaluation, "invalid rule: " + rule.problem);
      return evaluation;
    }
    if (AllHold(rule, facts, evaluation)) {
      evaluation.trace.EndMatched();
      evaluation.matched = &rule;
      return evaluation;
    }
    if (evaluation.error) return evaluation;
  }
  evaluation.trace.EndNoMatch();
  return evaluation;
}

}  // namespace webhook::rules
