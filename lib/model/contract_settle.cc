// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/text.h"
#include "lib/model/contract_json.h"
#include "lib/model/spelling.h"

namespace webhook::model {
namespace {

// Lengths of the schema (settle.schema.json).
constexpr std::size_t kTextMax = 2000;
constexpr std::size_t kUrlMax = 4096;
constexpr std::size_t kErrorKindMax = 64;

// One text that is too long, or that PostgreSQL cannot store, would make Odoo refuse the whole
// batch. The second pass cuts what the first made longer by writing bytes visibly.
std::string Clip(const std::string& text, std::size_t bytes_max) {
  return base::PrintableText(base::PrintableText(text, bytes_max), bytes_max);
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

constexpr std::array<std::pair<std::string_view, SettlementStatus>, 5> kStatuses = {
    {{"applied", SettlementStatus::kApplied},
     {"already_applied", SettlementStatus::kAlreadyApplied},
     {"superseded", SettlementStatus::kSuperseded},
     {"conflict", SettlementStatus::kConflict},
     {"failed", SettlementStatus::kFailed}}};

}  // namespace

std::string EncodeSettlement(const Settlement& settlement) {
  const Transition& transition = settlement.transition;
  Json json = {{"settlement_uid", settlement.settlement_uid},
               {"kind", "delivery"},
               {"id", settlement.delivery_id},
               {"lease_token", settlement.lease_token},
               {"outcome", settlement.outcome},
               {"state", Spelling(transition.state)}};
  if (transition.next_attempt_at) {
    json["next_attempt_at_ms"] = base::ToUnixMs(*transition.next_attempt_at);
  }
  if (transition.failure_reason) json["failure_reason"] = Spelling(*transition.failure_reason);
  if (!transition.failure_message.empty()) {
    json["failure_message"] = Clip(transition.failure_message, kTextMax);
  }
  if (!transition.note.empty()) json["note"] = Clip(transition.note, kTextMax);
  if (settlement.attempt) json["attempt"] = AttemptJson(*settlement.attempt);
  return Dump(json);
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
