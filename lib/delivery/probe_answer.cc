// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/probe_answer.h"

#include <fmt/format.h>

#include <map>

#include "lib/delivery/fact_values.h"
#include "lib/model/spelling.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/describe.h"
#include "lib/rules/evaluate.h"
#include "lib/rules/plan.h"
#include "lib/rules/request_changes.h"

namespace webhook::delivery {
namespace {

constexpr const char* kError = "error";
constexpr const char* kNone = "none";

void Fail(std::string message, model::ProbeResult& result) {
  result.action = kError;
  result.message = std::move(message);
}

// What a record action would write, or a before_send rule would send.
void Preview(const rules::CompiledHandler& handler, const rules::CompiledRule& matched,
             const FactValues& facts, const model::ProbeSample& sample,
             model::ProbeResult& result) {
  if (matched.rule.action == model::Action::kSend) {
    rules::RequestDraft draft{"post", "/", sample.headers, sample.body};
    const auto changed = rules::ApplyAssignments(matched, facts.View(), draft);
    if (!changed.ok()) return Fail(rules::PlanErrorText(changed.error()), result);
    result.message = changed.value() ? "sends: " + draft.payload : "sends it unchanged";
    return;
  }
  if (matched.rule.target_model.empty()) {
    result.message = matched.rule.note;
    return;
  }
  const auto operation = rules::Plan(matched, facts.View(), handler.field_metadata);
  if (!operation.ok()) return Fail(rules::PlanErrorText(operation.error()), result);
  result.message = rules::Describe(operation.value());
}

model::ProbeResult Try(const rules::CompiledHandler& handler, const model::ProbeSample& sample) {
  model::ProbeResult result;
  result.name = sample.name;
  const FactValues facts = FactsOf(sample);
  const rules::Evaluation evaluation = rules::Evaluate(handler, sample.phase, facts.View());
  result.trace = evaluation.trace.ToJson();
  if (evaluation.error) {
    Fail(*evaluation.error, result);
  } else if (evaluation.matched == nullptr) {
    result.action = kNone;
  } else {
    const model::Rule& rule = evaluation.matched->rule;
    result.action = model::Spelling(rule.action);
    result.rule_id = rule.id;
    result.rule_name = rule.name;
    Preview(handler, *evaluation.matched, facts, sample, result);
  }
  result.changed = !sample.recorded_action.empty() && sample.recorded_action != result.action;
  return result;
}

std::string WithThousands(std::size_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

// "214 of 1,000 change: 200 newly create_record, 14 newly dead_letter"
std::string Summary(const std::vector<model::ProbeResult>& results) {
  std::map<std::string, std::size_t> newly;
  std::size_t changed = 0;
  for (const model::ProbeResult& result : results) {
    if (!result.changed) continue;
    ++changed;
    ++newly[result.action];
  }
  std::string summary =
      fmt::format("{} of {} change", WithThousands(changed), WithThousands(results.size()));
  const char* separator = ": ";
  for (const auto& [action, count] : newly) {
    summary += fmt::format("{}{} newly {}", separator, WithThousands(count), action);
    separator = ", ";
  }
  return summary;
}

// Of one sample there is nothing to count.
std::string SummaryOf(const std::vector<model::ProbeResult>& results) {
  if (results.size() != 1 || results.front().changed) return Summary(results);
  const model::ProbeResult& only = results.front();
  return only.rule_name.empty() ? only.action : only.rule_name + ": " + only.action;
}

}  // namespace

model::ProbeAnswer AnswerProbe(const model::Probe& probe) {
  const rules::CompiledHandler handler = rules::Compile(probe.handler);
  model::ProbeAnswer answer;
  for (const model::ProbeSample& sample : probe.samples) {
    answer.results.push_back(Try(handler, sample));
  }
  answer.summary = SummaryOf(answer.results);
  for (const model::Finding& finding : handler.findings) answer.summary += "\n" + finding.message;
  return answer;
}

}  // namespace webhook::delivery
