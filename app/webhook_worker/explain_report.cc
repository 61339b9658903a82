// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/explain_report.h"

#include <fmt/format.h>

#include "lib/base/ascii.h"
#include "lib/base/text.h"
#include "lib/delivery/fact_values.h"
#include "lib/model/spelling.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/credential_source.h"
#include "lib/rules/describe.h"
#include "lib/rules/evaluate.h"
#include "lib/rules/plan.h"

namespace webhook::app {
namespace {

constexpr std::size_t kShownBytesMax = 2000;

class Explanation {
 public:
  void Line(const std::string& line) { report_.text += line + "\n"; }
  void Fail(const std::string& sentence) {
    Line("error: " + sentence);
    report_.ok = false;
  }
  ExplainReport Finish() { return std::move(report_); }

 private:
  ExplainReport report_;
};

std::string_view Otherwise(model::Phase phase) {
  switch (phase) {
    case model::Phase::kEvent:
      return "the event is done, nothing is written";
    case model::Phase::kBeforeSend:
      return "the delivery is sent as it is";
    case model::Phase::kResponse:
      return "the reply counts by its status";
  }
  return "";
}

void SayFindings(const rules::CompiledHandler& handler, Explanation& explanation) {
  for (const model::Finding& finding : handler.findings) {
    explanation.Line((finding.is_error ? "finding, error: " : "finding: ") + finding.message);
  }
}

void SaySent(const rules::RequestDraft& before, const rules::RequestDraft& after,
             Explanation& explanation) {
  explanation.Line(
      fmt::format("would send: {} {}", base::AsciiUpper(after.http_method), after.target_path));
  for (const auto& [name, value] : after.headers) {
    const auto old = before.headers.find(name);
    if (old == before.headers.end() || old->second != value) {
      const bool is_secret =
          rules::CarriesCredential({model::SourceKind::kHeader, name, {}, false});
      explanation.Line(fmt::format("  header {}: {}", name, is_secret ? "(redacted)" : value));
    }
  }
  for (const auto& [name, value] : before.headers) {
    if (!after.headers.contains(name)) explanation.Line(fmt::format("  without header {}", name));
  }
  if (after.payload != before.payload) {
    explanation.Line("  payload: " + base::PrintableText(after.payload, kShownBytesMax));
  }
}

void SayRequest(const rules::CompiledRule& rule, const rules::Facts& facts,
                const ExplainedEvent& event, Explanation& explanation) {
  const rules::RequestDraft before = event.Draft();
  rules::RequestDraft after = before;
  const auto changed = rules::ApplyAssignments(rule, facts, after);
  if (!changed.ok()) return explanation.Fail(rules::PlanErrorText(changed.error()));
  if (!changed.value()) return explanation.Line("would send the request as it is");
  SaySent(before, after, explanation);
}

void SayOperation(const rules::CompiledHandler& handler, const rules::CompiledRule& rule,
                  const rules::Facts& facts, Explanation& explanation) {
  const auto operation = rules::Plan(rule, facts, handler.field_metadata);
  if (operation.ok()) {
    return explanation.Line("would " + rules::Describe(operation.value()));
  }
  explanation.Fail(rules::PlanErrorText(operation.error()) +
                   (operation.error().dead_letter ? " (the rule says: dead letter)" : ""));
}

bool WritesRecord(model::Action action) {
  return action == model::Action::kCreateRecord || action == model::Action::kUpdateRecord ||
         action == model::Action::kUpsertRecord;
}

void SayAction(const rules::CompiledHandler& handler, const rules::CompiledRule& matched,
               const rules::Facts& facts, const ExplainedEvent& event, Explanation& explanation) {
  const model::Rule& rule = matched.rule;
  std::string line = fmt::format("action: {}", model::Spelling(rule.action));
  if (rule.action == model::Action::kRetry) {
    line += rule.retry_after.count() == 0 ? ", by the retry policy"
                                          : fmt::format(", in {} s", rule.retry_after.count());
  }
  if (!rule.note.empty()) line += fmt::format(" ({})", rule.note);
  explanation.Line(line);
  if (WritesRecord(rule.action)) SayOperation(handler, matched, facts, explanation);
  if (rule.action == model::Action::kSend) SayRequest(matched, facts, event, explanation);
}

}  // namespace

ExplainReport Explain(const model::Handler& handler, const ExplainedEvent& event) {
  Explanation explanation;
  if (handler.execution_mode != model::ExecutionMode::kModelDriven) {
    explanation.Fail("the handler " + handler.code + " runs a callback: it has no rules");
    return explanation.Finish();
  }
  const rules::CompiledHandler compiled = rules::Compile(handler);
  delivery::FactValues values = delivery::FactsOf(event.sample);
  if (!event.request.is_missing()) values.request = event.request;
  const rules::Facts facts = values.View();
  const rules::Evaluation evaluation = rules::Evaluate(compiled, event.sample.phase, facts);
  SayFindings(compiled, explanation);
  for (const std::string& line : evaluation.trace.ToLines()) explanation.Line(line);
  if (evaluation.error) {
    explanation.Fail(*evaluation.error);
  } else if (evaluation.matched == nullptr) {
    explanation.Line(std::string(Otherwise(event.sample.phase)));
  } else {
    SayAction(compiled, *evaluation.matched, facts, event, explanation);
  }
  return explanation.Finish();
}

}  // namespace webhook::app
