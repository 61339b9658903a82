// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_parts.h"
#include "lib/model/value.h"

namespace webhook::model {
namespace {

// Lengths of the schema (settle.schema.json).
constexpr std::size_t kTextMax = 2000;
constexpr std::size_t kUrlMax = 4096;
constexpr std::size_t kErrorKindMax = 64;
constexpr std::size_t kActionMax = 64;
constexpr std::size_t kTraceMax = 20000;

constexpr std::array<std::pair<std::string_view, SettlementStatus>, 5> kStatuses = {
    {{"applied", SettlementStatus::kApplied},
     {"already_applied", SettlementStatus::kAlreadyApplied},
     {"superseded", SettlementStatus::kSuperseded},
     {"conflict", SettlementStatus::kConflict},
     {"failed", SettlementStatus::kFailed}}};

// An event that waits is `received`; the other states have one spelling.
std::string_view StateOf(JobKind kind, DeliveryState state) {
  if (kind == JobKind::kEvent && state == DeliveryState::kQueued) return "received";
  return Spelling(state);
}

// Nothing is delivered with an event: it is done.
std::string_view OutcomeOf(const Settlement& settlement) {
  const bool is_event = settlement.kind == JobKind::kEvent;
  return is_event && settlement.outcome == "delivered" ? "done"
                                                       : std::string_view(settlement.outcome);
}

// As text, because numbers keep their spelling only as text.
std::string LookupText(const std::vector<LookupKey>& lookup) {
  std::string text;
  for (const LookupKey& key : lookup) {
    text += text.empty() ? "[" : ",";
    text += "{\"field\":" + Dump(key.field) + ",\"value\":" + DumpAsciiJson(key.value) + "}";
  }
  return text + "]";
}

std::string OperationText(const RecordOperation& operation) {
  Json json = {{"operation", Spelling(operation.kind)}, {"model", operation.model}};
  if (operation.rule_id > 0) json["rule_id"] = operation.rule_id;
  if (operation.on_none == LookupPolicy::kDeadLetter) json["on_none"] = Spelling(operation.on_none);
  if (operation.on_many != LookupPolicy::kError) json["on_many"] = Spelling(operation.on_many);
  if (operation.include_archived) json["include_archived"] = true;
  std::string text = Dump(json);
  text.pop_back();
  if (!operation.lookup.empty()) text += ",\"lookup\":" + LookupText(operation.lookup);
  return text + ",\"values\":" + DumpAsciiJson(operation.values) + "}";
}

std::string OperationsText(const std::vector<RecordOperation>& operations) {
  std::string text;
  for (const RecordOperation& operation : operations) {
    text += text.empty() ? "[" : ",";
    text += OperationText(operation);
  }
  return text + "]";
}

Json ExecutionJson(const Execution& execution) {
  Json json = Json::object();
  if (execution.rule_id && *execution.rule_id > 0) json["rule_id"] = *execution.rule_id;
  if (!execution.action.empty()) json["action"] = Clip(execution.action, kActionMax);
  if (!execution.trace.empty()) json["trace"] = Clip(execution.trace, kTraceMax);
  return json;
}

}  // namespace

Json FrozenContentJson(const FrozenContent& frozen) {
  Json json = {{"http_method", frozen.http_method},
               {"request_headers", frozen.request_headers},
               {"payload", frozen.payload}};
  if (!frozen.target_path.empty()) json["target_path"] = frozen.target_path;
  return json;
}

Json AttemptJson(const Attempt& attempt) {
  Json json = {{"attempt_uid", attempt.attempt_uid},
               {"started_at_ms", base::ToUnixMs(attempt.started_at)},
               {"duration_ms", attempt.duration.count()},
               {"http_method", attempt.http_method},
               {"target_url", Clip(attempt.target_url, kUrlMax)},
               {"maybe_delivered", attempt.maybe_delivered}};
  if (!attempt.request_headers.empty()) json["request_headers"] = attempt.request_headers;
  if (attempt.request_body) json["request_body"] = *attempt.request_body;
  if (attempt.response_status_code) json["response_status_code"] = *attempt.response_status_code;
  if (!attempt.response_headers.empty()) json["response_headers"] = attempt.response_headers;
  if (attempt.response_body) json["response_body"] = *attempt.response_body;
  if (!attempt.error_kind.empty()) json["error_kind"] = Clip(attempt.error_kind, kErrorKindMax);
  if (!attempt.error_message.empty()) json["error_message"] = Clip(attempt.error_message, kTextMax);
  return json;
}

Json OtherwiseJson(const Transition& transition) {
  const bool is_dead = transition.state == DeliveryState::kDeadLetter;
  Json json = {{"state", Spelling(is_dead ? transition.state : DeliveryState::kError)},
               {"failure_reason",
                Spelling(transition.failure_reason.value_or(FailureReason::kRecordOperation))}};
  if (transition.next_attempt_at) {
    json["next_attempt_at_ms"] = base::ToUnixMs(*transition.next_attempt_at);
  }
  return json;
}

std::string EncodeSettlement(const Settlement& settlement) {
  const Transition& transition = settlement.transition;
  Json json = {{"settlement_uid", settlement.settlement_uid},
               {"kind", Spelling(settlement.kind)},
               {"id", settlement.job_id},
               {"lease_token", settlement.lease_token},
               {"outcome", OutcomeOf(settlement)},
               {"state", StateOf(settlement.kind, transition.state)}};
  if (transition.next_attempt_at) {
    json["next_attempt_at_ms"] = base::ToUnixMs(*transition.next_attempt_at);
  }
  if (transition.failure_reason) json["failure_reason"] = Spelling(*transition.failure_reason);
  if (!transition.failure_message.empty()) {
    json["failure_message"] = Clip(transition.failure_message, kTextMax);
  }
  if (!transition.note.empty()) json["note"] = Clip(transition.note, kTextMax);
  if (settlement.attempt) json["attempt"] = AttemptJson(*settlement.attempt);
  if (settlement.otherwise) json["otherwise"] = OtherwiseJson(*settlement.otherwise);
  if (settlement.execution) json["execution"] = ExecutionJson(*settlement.execution);
  if (settlement.frozen) json["frozen"] = FrozenContentJson(*settlement.frozen);
  std::string text = Dump(json);
  if (!settlement.operations.empty()) {
    text.insert(text.size() - 1, ",\"operations\":" + OperationsText(settlement.operations));
  }
  return text;
}

std::string EncodeSettle(const std::string& worker_uid,
                         const std::vector<std::string_view>& settlements) {
  // The items are JSON already: putting them together as text spares parsing what the journal
  // holds.
  std::string request = "{\"worker_uid\":" + Dump(worker_uid) + ",\"settlements\":[";
  for (std::size_t i = 0; i < settlements.size(); ++i) {
    if (i > 0) request += ',';
    request += settlements[i];
  }
  return request + "]}";
}

Decoded<SettleAnswer> DecodeSettle(std::string_view text) {
  return DecodeWith("settle", text, [](const Json& json) {
    SettleAnswer answer;
    answer.envelope = ReadEnvelope(json);
    for (const Json& item : ReadList(json, "results")) {
      answer.results.push_back(
          {ReadText(item, "settlement_uid"), ReadOneOf(item, "status", kStatuses),
           ReadOptionalText(item, "category"), ReadOptionalText(item, "message")});
    }
    return answer;
  });
}

}  // namespace webhook::model
