// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/rule_decision.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/model/spelling.h"
#include "lib/rules/evaluate.h"
#include "lib/rules/plan.h"
#include "lib/rules/request_changes.h"

namespace webhook::delivery {
namespace {

using model::Action;
using model::FailureReason;

model::Execution ExecutionOf(const rules::Evaluation& evaluation) {
  model::Execution execution;
  if (evaluation.matched != nullptr) {
    execution.rule_id = evaluation.matched->rule.id;
    execution.action = model::Spelling(evaluation.matched->rule.action);
  }
  execution.trace = evaluation.trace.ToJson();
  return execution;
}

std::string Message(const model::Rule& rule, const char* did) {
  return rule.note.empty() ? fmt::format("the rule \"{}\" {}", rule.name, did) : rule.note;
}

model::DeadLetter DeadLetterOf(const model::Rule& rule) {
  return {FailureReason::kRule, Message(rule, "makes it a dead letter")};
}

model::Retry RetryOf(const model::Rule& rule) {
  model::Retry retry{FailureReason::kRule, Message(rule, "asks for a retry"), {}, {}};
  if (rule.retry_after.count() > 0) retry.exactly = rule.retry_after;
  return retry;
}

// A policy of the rule says dead letter; otherwise it is tried again.
model::Outcome Misfit(const rules::PlanError& error) {
  const std::string message = rules::PlanErrorText(error);
  if (error.dead_letter) return model::DeadLetter{FailureReason::kRuleInvalid, message};
  return model::Retry{FailureReason::kRuleInvalid, message, {}, {}};
}

void PlanRecord(const rules::CompiledHandler& handler, const rules::CompiledRule& rule,
                const FactValues& facts, Decision& decision) {
  auto operation = rules::Plan(rule, facts.View(), handler.field_metadata);
  if (!operation.ok()) {
    decision.outcome = Misfit(operation.error());
    return;
  }
  decision.note = rule.rule.note;
  decision.operations.push_back(std::move(operation).value());
}

// `otherwise` is what it comes to without a word from the rule.
void Apply(const rules::CompiledHandler& handler, const rules::CompiledRule& matched,
           const FactValues& facts, Decision& decision) {
  const model::Rule& rule = matched.rule;
  switch (rule.action) {
    case Action::kDone:
      decision.outcome = model::Delivered{};
      decision.note = rule.note;
      return;
    case Action::kDeadLetter:
      decision.outcome = DeadLetterOf(rule);
      return;
    case Action::kRetry:
      decision.outcome = RetryOf(rule);
      return;
    case Action::kCreateRecord:
    case Action::kUpdateRecord:
    case Action::kUpsertRecord:
      return PlanRecord(handler, matched, facts, decision);
    case Action::kSend:
    case Action::kCancel:
      break;  // not of these phases: Compile makes such a rule invalid
  }
  decision.outcome =
      model::Retry{FailureReason::kRuleInvalid, "the action is not of this phase", {}, {}};
}

Decision Decide(const rules::CompiledHandler& handler, model::Phase phase, const FactValues& facts,
                model::Outcome otherwise, const char* no_match) {
  const rules::Evaluation evaluation = rules::Evaluate(handler, phase, facts.View());
  Decision decision{std::move(otherwise), "", {}, ExecutionOf(evaluation)};
  if (evaluation.error) {
    decision.outcome = model::Retry{FailureReason::kRuleInvalid, *evaluation.error, {}, {}};
  } else if (evaluation.matched == nullptr) {
    decision.note = no_match;
  } else {
    Apply(handler, *evaluation.matched, facts, decision);
  }
  return decision;
}

SendDecision Instead(model::Outcome outcome, model::Execution execution) {
  return {std::move(outcome), std::nullopt, std::move(execution), {}};
}

}  // namespace

bool HasRules(const rules::CompiledHandler& handler, model::Phase phase) {
  return std::any_of(handler.rules.begin(), handler.rules.end(),
                     [&](const rules::CompiledRule& rule) { return rule.rule.phase == phase; });
}

Decision DecideEvent(const rules::CompiledHandler& handler, const FactValues& facts) {
  return Decide(handler, model::Phase::kEvent, facts, model::Delivered{}, "no rule matched");
}

Decision DecideReply(const rules::CompiledHandler& handler, const FactValues& facts,
                     const model::Outcome& classified) {
  Decision decision = Decide(handler, model::Phase::kResponse, facts, classified, "");
  // The reply is what it is: a rule that does not fit it must not send a delivered request again.
  const auto* retry = std::get_if<model::Retry>(&decision.outcome);
  const bool invalid = retry != nullptr && retry->reason == FailureReason::kRuleInvalid;
  if (invalid && std::holds_alternative<model::Delivered>(classified)) {
    decision.outcome = model::DeadLetter{
        FailureReason::kRuleInvalid, "delivered, but its response rule failed: " + retry->message};
  } else if (invalid) {
    decision.note = retry->message;
    decision.outcome = classified;
  }
  return decision;
}

SendDecision DecideBeforeSend(const rules::CompiledHandler& handler, const FactValues& facts,
                              const model::Delivery& delivery, const std::string& target_path) {
  const rules::Evaluation evaluation =
      rules::Evaluate(handler, model::Phase::kBeforeSend, facts.View());
  model::Execution execution = ExecutionOf(evaluation);
  if (evaluation.error) {
    return Instead(model::DeadLetter{FailureReason::kRuleInvalid, *evaluation.error}, execution);
  }
  // Fixed by the first attempt, also where no rule changes it: rules may be edited between
  // attempts.
  model::FrozenContent content{delivery.http_method, "", delivery.request_headers,
                               delivery.payload};
  if (evaluation.matched == nullptr) return {std::nullopt, content, execution, {}};
  const model::Rule& rule = evaluation.matched->rule;
  if (rule.action == Action::kDeadLetter) return Instead(DeadLetterOf(rule), execution);
  if (rule.action == Action::kRetry) return Instead(RetryOf(rule), execution);
  if (rule.action == Action::kCancel) {
    return Instead(model::Canceled{Message(rule, "cancels it")}, execution);
  }
  rules::RequestDraft draft{delivery.http_method, target_path, delivery.request_headers,
                            delivery.payload};
  const auto changed = rules::ApplyAssignments(*evaluation.matched, facts.View(), draft);
  if (!changed.ok()) {
    return Instead(
        model::DeadLetter{FailureReason::kRuleInvalid, rules::PlanErrorText(changed.error())},
        execution);
  }
  content.http_method = draft.http_method;
  if (draft.target_path != target_path) content.target_path = draft.target_path;
  content.request_headers = draft.headers;
  content.payload = draft.payload;
  return {std::nullopt, content, execution, {}};
}

}  // namespace webhook::delivery
