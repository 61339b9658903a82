// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/contract_json.h"
#include "lib/model/spelling.h"

namespace webhook::model {
namespace {

Json AttemptJson(const Attempt& attempt) {
  Json json = {{"attempt_uid", attempt.attempt_uid},
               {"started_at_ms", base::ToUnixMs(attempt.started_at)},
               {"duration_ms", attempt.duration.count()},
               {"http_method", attempt.http_method},
               {"target_url", attempt.target_url},
               {"maybe_delivered", attempt.maybe_delivered}};
  if (!attempt.request_headers.empty()) json["request_headers"] = attempt.request_headers;
  if (attempt.request_body) json["request_body"] = *attempt.request_body;
  if (attempt.response_status_code) json["response_status_code"] = *attempt.response_status_code;
  if (!attempt.response_headers.empty()) json["response_headers"] = attempt.response_headers;
  if (attempt.response_body) json["response_body"] = *attempt.response_body;
  if (!attempt.error_kind.empty()) json["error_kind"] = attempt.error_kind;
  if (!attempt.error_message.empty()) json["error_message"] = attempt.error_message;
  return json;
}

SettlementStatus ReadStatus(const Json& json) {
  const auto text = json.get<std::string>();
  if (text == "applied") return SettlementStatus::kApplied;
  if (text == "already_applied") return SettlementStatus::kAlreadyApplied;
  if (text == "superseded") return SettlementStatus::kSuperseded;
  if (text == "conflict") return SettlementStatus::kConflict;
  if (text == "failed") return SettlementStatus::kFailed;
  throw Json::other_error::create(501, "unknown settlement status", &json);
}

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
  if (!transition.failure_message.empty()) json["failure_message"] = transition.failure_message;
  if (!transition.note.empty()) json["note"] = transition.note;
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
    for (const Json& item : json.at("results")) {
      answer.results.push_back({item.at("settlement_uid").get<std::string>(),
                                ReadStatus(item.at("status")), ReadText(item, "category"),
                                ReadText(item, "message")});
    }
    return answer;
  });
}

}  // namespace webhook::model
