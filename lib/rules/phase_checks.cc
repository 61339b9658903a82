// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/phase_checks.h"

#include <algorithm>
#include <array>

#include "lib/base/assert.h"
#include "lib/base/http_header.h"
#include "lib/model/spelling.h"
#include "lib/rules/path.h"
#include "lib/rules/template_readings.h"

namespace webhook::rules {
namespace {

using model::Action;
using model::Phase;
using model::Scope;
using model::SourceKind;

constexpr RuleRow kWholeRule{};

// Where a source exists: in a phase's rules, or in all; item_path by the row.
enum class Realm { kEverywhere, kEvent, kDeliveries, kResponse, kItems };

Realm RealmOf(SourceKind kind) {
  switch (kind) {
    case SourceKind::kPayloadPath:
    case SourceKind::kHeader:
    case SourceKind::kEndpointField:
    case SourceKind::kCompanyField:
    case SourceKind::kLiteral:
    case SourceKind::kTemplate:
      return Realm::kEverywhere;
    case SourceKind::kQueryParameter:
    case SourceKind::kResolvedValue:
    case SourceKind::kSemanticField:
    case SourceKind::kEventField:
      return Realm::kEvent;
    case SourceKind::kDeliveryField:
    case SourceKind::kPartnerField:
    case SourceKind::kRecordField:
    case SourceKind::kContextKey:
    case SourceKind::kRequestField:
      return Realm::kDeliveries;
    case SourceKind::kResponseStatus:
    case SourceKind::kResponseHeader:
    case SourceKind::kResponseBody:
      return Realm::kResponse;
    case SourceKind::kItemPath:
      return Realm::kItems;
  }
  WEBHOOK_ASSERT(false);
}

// Empty: it exists there. Else where it does.
std::string_view WhereInstead(Realm realm, Phase phase, bool is_of_item) {
  switch (realm) {
    case Realm::kEverywhere:
      return {};
    case Realm::kEvent:
      return phase == Phase::kEvent ? "" : "in rules of inbound events";
    case Realm::kDeliveries:
      return phase != Phase::kEvent ? "" : "in rules of outbound deliveries";
    case Realm::kResponse:
      return phase == Phase::kResponse ? "" : "in rules of the response phase";
    case Realm::kItems:
      return is_of_item ? ""
                        : "in assignments to the fields of a list's items, like order_line/name";
  }
  WEBHOOK_ASSERT(false);
}

bool IsActionOf(Action action, Phase phase) {
  switch (action) {
    case Action::kDeadLetter:
    case Action::kRetry:
      return true;
    case Action::kDone:
    case Action::kCreateRecord:
    case Action::kUpdateRecord:
    case Action::kUpsertRecord:
      return phase != Phase::kBeforeSend;
    case Action::kSend:
    case Action::kCancel:
      return phase == Phase::kBeforeSend;
  }
  WEBHOOK_ASSERT(false);
}

std::string ActionsOf(Phase phase) {
  return phase == Phase::kBeforeSend
             ? "send, cancel, dead_letter or retry"
             : "done, dead_letter, retry, create_record, update_record or upsert_record";
}

std::string Text(std::string_view text) { return std::string(text); }

void CheckRecordAction(RuleFindings& findings) {
  const model::Rule& rule = findings.rule();
  const std::string action = Text(Spelling(rule.action));
  if (rule.target_model.empty()) {
    findings.Error(kWholeRule, action + " has no target model; choose one");
  }
  if (rule.action != Action::kCreateRecord && rule.lookups.empty()) {
    findings.Error(kWholeRule, action +
                                   " has no lookup, so it would not know which record; add one "
                                   "that finds it");
  }
  if (rule.action == Action::kCreateRecord && !rule.lookups.empty()) {
    findings.Warning(kWholeRule,
                     "create_record does not look for records; remove the lookups, or choose "
                     "upsert_record");
  }
}

std::string KindProblem(SourceKind kind, Phase phase, bool is_of_item) {
  const std::string_view instead = WhereInstead(RealmOf(kind), phase, is_of_item);
  if (instead.empty()) return {};
  return "the source " + Text(Spelling(kind)) + " exists only " + Text(instead) +
         "; choose another one";
}

void CheckKind(RuleFindings& findings, RuleRow row, SourceKind kind, bool is_of_item) {
  const std::string problem = KindProblem(kind, findings.rule().phase, is_of_item);
  if (!problem.empty()) findings.Error(row, problem);
}

void CheckRequestTarget(RuleFindings& findings, RuleRow row, const std::string& target) {
  constexpr std::array<std::string_view, 3> kTargets{"http_method", "target_path", "payload"};
  if (std::ranges::find(kTargets, target) != kTargets.end()) return;
  findings.Error(row, "a request has no \"" + target +
                          "\"; the target is http_method, target_path or payload");
}

void CheckHeaderTarget(RuleFindings& findings, RuleRow row, const std::string& target) {
  if (base::IsHeaderName(target)) return;
  findings.Error(
      row, "\"" + target + "\" is no name of a header; write one of letters, digits and dashes");
}

void CheckPayloadTarget(RuleFindings& findings, RuleRow row, const std::string& target) {
  const auto path = ParsePath(target);
  if (!path) return findings.Error(row, "the target: " + path.error());
  if (!path.value().collects()) return;
  findings.Error(row, "the target \"" + target + "\" names several places; write it without [*]");
}

}  // namespace

bool IsRecordAction(Action action) {
  return action == Action::kCreateRecord || action == Action::kUpdateRecord ||
         action == Action::kUpsertRecord;
}

void CheckAction(RuleFindings& findings) {
  const model::Rule& rule = findings.rule();
  if (!IsActionOf(rule.action, rule.phase)) {
    findings.Error(kWholeRule, "the action " + Text(Spelling(rule.action)) +
                                   " does not exist in the phase " + Text(Spelling(rule.phase)) +
                                   "; choose " + ActionsOf(rule.phase));
  }
  if (IsRecordAction(rule.action)) CheckRecordAction(findings);
}

std::string SourceProblem(const model::Source& source, model::Phase phase, bool is_of_item) {
  std::string problem = KindProblem(source.kind, phase, is_of_item);
  for (const Reading& reading : ReadingsOf(source)) {
    if (problem.empty()) problem = KindProblem(reading.kind, phase, is_of_item);
  }
  return problem;
}

void CheckSource(RuleFindings& findings, RuleRow row, const model::Source& source,
                 bool is_of_item) {
  CheckKind(findings, row, source.kind, is_of_item);
  for (const Reading& reading : ReadingsOf(source)) {
    CheckKind(findings, row, reading.kind, is_of_item);
  }
}

bool CheckScope(RuleFindings& findings, RuleRow row, const model::Assignment& assignment) {
  const model::Rule& rule = findings.rule();
  if (assignment.scope == Scope::kField && !IsRecordAction(rule.action)) {
    findings.Error(row, "the action " + Text(Spelling(rule.action)) +
                            " writes no record, so no field can be assigned; remove the row, or "
                            "choose a record action");
    return false;
  }
  if (assignment.scope != Scope::kField && rule.phase != Phase::kBeforeSend) {
    findings.Error(row, "the " + Text(Spelling(assignment.scope)) +
                            " can be assigned only in the phase before_send; remove the row, or "
                            "assign a field");
    return false;
  }
  if (assignment.scope == Scope::kRequest) CheckRequestTarget(findings, row, assignment.target);
  if (assignment.scope == Scope::kHeader) CheckHeaderTarget(findings, row, assignment.target);
  if (assignment.scope == Scope::kPayload) CheckPayloadTarget(findings, row, assignment.target);
  return true;
}

}  // namespace webhook::rules
