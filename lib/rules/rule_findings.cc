// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/rule_findings.h"

#include <algorithm>

#include "lib/rules/short_json.h"

namespace webhook::rules {
namespace {

constexpr std::size_t kNameBytesMax = 120;

std::string RuleName(const model::Rule& rule) {
  if (rule.name.empty()) return "Rule " + std::to_string(rule.id);
  return "Rule \"" + Shortened(rule.name, kNameBytesMax) + "\"";
}

std::string RowName(RuleRow row) {
  if (row.kind.empty()) return {};
  return ", " + std::string(row.kind) + " " + std::to_string(row.index + 1);
}

}  // namespace

void RuleFindings::Add(RuleRow row, const std::string& message, bool is_error) {
  model::Finding finding;
  finding.model = "bwt.webhook.handler";
  finding.record_id = handler_id_;
  finding.field = rule_.phase == model::Phase::kEvent ? "inbound_rule_ids" : "outbound_rule_ids";
  finding.is_error = is_error;
  finding.message =
      Shortened(RuleName(rule_) + RowName(row) + ": " + message + ".", kFindingMessageBytesMax);
  findings_.push_back(std::move(finding));
}

std::string RuleFindings::problem() const {
  const auto error = std::ranges::find_if(findings_, &model::Finding::is_error);
  return error == findings_.end() ? std::string() : error->message;
}

}  // namespace webhook::rules
