// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/text.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/request_builder.h"
#include "lib/rules/credential_source.h"
#include "lib/rules/request_changes.h"
#include "lib/rules/text_of.h"

namespace webhook::delivery {
namespace {

using model::DeadLetter;
using model::FailureReason;
using model::Value;
using Changed = base::Result<bool, DeadLetter>;

constexpr std::size_t kContextBytesMax = std::size_t{1} << 20;
constexpr std::size_t kShownBytesMax = 200;

bool HasNeeds(const FactValues& facts, const CompiledEndpoint& compiled, bool is_frozen) {
  if (!is_frozen) return HasFields(facts, compiled.needs);
  return std::all_of(
      compiled.context_lines.begin(), compiled.context_lines.end(),
      [&](const CompiledShapeRule& line) { return HasFields(facts, line.source.needs()); });
}

DeadLetter LineProblem(std::size_t index, const CompiledShapeRule& line, std::string message) {
  return {FailureReason::kRuleInvalid,
          fmt::format("context line {} ({}): {}", index + 1,
                      base::PrintableText(line.rule.target, kShownBytesMax), message)};
}

// Each line sees what those before it made; of several with one key the last one counts. What was
// handed along is not computed at all.
std::optional<DeadLetter> AddContext(const CompiledEndpoint& compiled, FactValues& facts) {
  const Value given = facts.context;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < compiled.context_lines.size(); ++i) {
    const CompiledShapeRule& line = compiled.context_lines[i];
    if (given.Find(line.rule.target) != nullptr) continue;
    auto value = line.source.Read(facts.View());
    if (!value.ok()) {
      return LineProblem(i, line, rules::ShownReadError(line.rule.source, value.error()));
    }
    if (value.value().is_missing()) continue;
    bytes += rules::TextOf(value.value()).size();
    if (bytes > kContextBytesMax) {
      return LineProblem(i, line, "the context values become larger than 1 MiB");
    }
    facts.context.Set(line.rule.target, std::move(value).value());
  }
  return std::nullopt;
}

// `assignment 2` of the rule that was made of the rows is the second row.
DeadLetter RuleProblem(std::string_view kind, rules::PlanError error) {
  constexpr std::string_view kRow = "assignment ";
  if (error.place.row.starts_with(kRow)) {
    error.place.row = fmt::format("{} {}", kind, error.place.row.substr(kRow.size()));
  } else {
    error.place.row = fmt::format("{}s", kind);
  }
  return {FailureReason::kRuleInvalid, rules::PlanErrorText(error)};
}

// Nothing in a text can be set; that a text looks like JSON must not matter.
std::optional<DeadLetter> CheckRaw(const CompiledEndpoint& compiled,
                                   const model::Delivery& delivery) {
  const auto& rows = compiled.payload_rules.rule.assignments;
  if (delivery.body_mode != model::BodyMode::kRaw || rows.empty()) return std::nullopt;
  return RuleProblem("payload rule",
                     {{"", "assignment 1", rows.front().target},
                      {},
                      "the body is raw text, in which nothing can be set; remove the endpoint's "
                      "payload rules, or queue another body mode",
                      false});
}

// Fixed with the headers, so that a later change of the endpoint does not reach what was sent.
bool AddContentType(const model::Endpoint& endpoint, model::Delivery& delivery) {
  if (endpoint.content_type.empty() || delivery.body_mode == model::BodyMode::kMultipart) {
    return false;
  }
  const bool has_own = std::any_of(
      delivery.request_headers.begin(), delivery.request_headers.end(),
      [](const auto& header) { return base::EqualsIgnoringCase(header.first, "content-type"); });
  if (!has_own) delivery.request_headers["Content-Type"] = endpoint.content_type;
  return !has_own;
}

Changed ApplyRules(const CompiledEndpoint& compiled, const FactValues& facts,
                   model::Delivery& delivery) {
  if (auto problem = CheckRaw(compiled, delivery)) return *std::move(problem);
  rules::RequestDraft draft{delivery.http_method, "/", delivery.request_headers, delivery.payload};
  const auto headers = rules::ApplyAssignments(compiled.header_rules, facts.View(), draft);
  if (!headers.ok()) return RuleProblem("header rule", headers.error());
  const auto payload = rules::ApplyAssignments(compiled.payload_rules, facts.View(), draft);
  if (!payload.ok()) return RuleProblem("payload rule", payload.error());
  delivery.request_headers = std::move(draft.headers);
  delivery.payload = std::move(draft.payload);
  return headers.value() || payload.value();
}

}  // namespace

bool HasShapeFields(const CompiledEndpoint& compiled, const model::Delivery& delivery) {
  if (compiled.needs.empty()) return true;
  FactValues facts;
  auto fields = model::ParseJson(delivery.field_values);
  if (fields.ok()) facts.fields = std::move(fields).value();
  return HasNeeds(facts, compiled, delivery.content_frozen);
}

Changed ApplyShape(const CompiledEndpoint& compiled, const model::Endpoint& endpoint,
                   model::Delivery& delivery) {
  if (!compiled.problem.empty()) {
    return DeadLetter{FailureReason::kRequestInvalid, compiled.problem};
  }
  const bool has_rules =
      !delivery.content_frozen && (!compiled.header_rules.rule.assignments.empty() ||
                                   !compiled.payload_rules.rule.assignments.empty());
  bool is_changed = false;
  if (has_rules || !compiled.context_lines.empty()) {
    FactValues facts = FactsOf(delivery, endpoint.target_hostname + TargetPath(endpoint, delivery));
    if (auto problem = AddContext(compiled, facts)) return *std::move(problem);
    if (has_rules) {
      const Changed changed = ApplyRules(compiled, facts, delivery);
      if (!changed.ok()) return changed;
      is_changed = changed.value();
    }
    if (!compiled.context_lines.empty()) delivery.context_values = model::DumpJson(facts.context);
  }
  if (!delivery.content_frozen && AddContentType(endpoint, delivery)) is_changed = true;
  return is_changed;
}

}  // namespace webhook::delivery
