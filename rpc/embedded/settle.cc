// SPDX-License-Identifier: LGPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

// The lease's row while it is still held under its token, expired or not; else null.
Delivery* HeldRow(Database& db, const json& lease) {
  Delivery* row = lease["kind"] == "delivery" ? db.FindDelivery(lease["id"]) : nullptr;
  const bool is_held = row && IsLeased(*row) && row->lease_token == lease["lease_token"];
  return is_held && !db.IsHeld() ? row : nullptr;
}

void EndLease(Delivery& delivery) {
  delivery.lease_token.clear();
  delivery.lease_expires_at_ms = 0;
  delivery.lease_lost_count = 0;
}

bool IsTransition(const std::string& outcome, const std::string& state) {
  if (outcome == "delivered") return state == "done";
  if (outcome == "retry" || outcome == "interrupted")
    return state == "error" || state == "dead_letter";
  if (outcome == "deferred") return state == "queued";
  return outcome == state && (state == "dead_letter" || state == "canceled");
}

// Why the addon would refuse the settlement; empty when it does not.
std::string Refusal(const json& settlement) {
  const std::string outcome = settlement["outcome"], state = settlement["state"];
  if (settlement.contains("operations")) return "A delivery has no record operations.";
  if (!IsTransition(outcome, state))
    return "A delivery with outcome " + outcome + " does not become " + state + ".";
  if ((state == "error" || state == "queued") && !settlement.contains("next_attempt_at_ms"))
    return "State " + state + " needs next_attempt_at_ms.";
  return "";
}

// Nothing was tried when the delivery was deferred or decided without sending. One that was
// canceled before sending leaves a row without a reply.
std::optional<Attempt> AttemptOf(const json& settlement) {
  const std::string outcome = settlement["outcome"];
  Attempt attempt;
  attempt.attempt_uid = settlement["settlement_uid"];
  attempt.lease_token = settlement["lease_token"];
  attempt.outcome = outcome;
  if (outcome == "deferred") return std::nullopt;
  if (!settlement.contains("attempt"))
    return outcome == "canceled" ? std::optional(attempt) : std::nullopt;
  const json& from = settlement["attempt"];
  attempt.attempt_uid = from["attempt_uid"];
  attempt.maybe_delivered = from["maybe_delivered"];
  attempt.started_at_ms = from["started_at_ms"];
  attempt.duration_ms = from["duration_ms"];
  attempt.http_method = from["http_method"];
  attempt.target_url = from["target_url"];
  attempt.request_headers = from.value("request_headers", Headers{});
  attempt.request_body = from.value("request_body", "");
  attempt.response_headers = from.value("response_headers", Headers{});
  attempt.response_body = from.value("response_body", "");
  attempt.error_kind = from.value("error_kind", "");
  attempt.error_message = from.value("error_message", "");
  if (from.contains("response_status_code"))
    attempt.response_status_code = from["response_status_code"].get<int>();
  return attempt;
}

// One send is one row: the superseded attempt takes the place of what claim wrote for its lease.
void KeepSuperseded(Database& db, Delivery& delivery, Attempt attempt) {
  attempt.superseded = true;
  const auto place = db.placeholders.find({delivery.id, attempt.lease_token});
  if (place == db.placeholders.end()) return db.AddAttempt(delivery, std::move(attempt));
  Attempt& row = db.attempts[place->second];
  attempt.delivery_id = row.delivery_id;
  attempt.attempt_number = row.attempt_number;
  db.attempts_by_uid[attempt.attempt_uid] = place->second;
  row = std::move(attempt);
  db.placeholders.erase(place);
}

void Apply(Database& db, Delivery& delivery, const json& settlement) {
  if (auto attempt = AttemptOf(settlement)) db.AddAttempt(delivery, *std::move(attempt));
  const bool deferred = settlement["outcome"] == "deferred";
  const auto set = [&](std::string& field, const char* name, bool keeps) {
    field = settlement.value(name, keeps ? field : "");
  };
  set(delivery.failure_reason, "failure_reason", deferred);
  set(delivery.failure_message, "failure_message", deferred);
  set(delivery.failure_key, "failure_key", deferred);
  set(delivery.note, "note", true);
  delivery.state = settlement["state"];
  delivery.next_attempt_at_ms = settlement.value("next_attempt_at_ms", delivery.next_attempt_at_ms);
  delivery.last_settlement_uid = settlement["settlement_uid"];
  if (deferred) --delivery.lease_count;
  EndLease(delivery);
}

bool IsRepeated(const Database& db, const Delivery& delivery, const json& settlement) {
  const auto attempt = AttemptOf(settlement);
  return delivery.last_settlement_uid == settlement["settlement_uid"] ||
         (attempt && db.attempts_by_uid.contains(attempt->attempt_uid));
}

json SettleOne(Database& db, const json& settlement) {
  json result = {{"settlement_uid", settlement["settlement_uid"]}};
  const auto failed = [&](const char* category, const std::string& message) {
    result.update({{"status", "failed"}, {"category", category}, {"message", message}});
    return result;
  };
  if (settlement["kind"] != "delivery") return failed("validation", "Only deliveries are settled.");
  Delivery* delivery = db.FindDelivery(settlement["id"]);
  if (!delivery) return failed("gone", "There is no such delivery.");
  if (IsRepeated(db, *delivery, settlement)) {
    result["status"] = "already_applied";
  } else if (!HeldRow(db, settlement)) {
    if (auto attempt = AttemptOf(settlement)) KeepSuperseded(db, *delivery, *std::move(attempt));
    result["status"] = "superseded";
  } else if (const std::string refusal = Refusal(settlement); !refusal.empty()) {
    return failed("validation", refusal);
  } else {
    Apply(db, *delivery, settlement);
    result["status"] = "applied";
  }
  return result;
}

}  // namespace

json Renew(Database& db, const json& request, std::int64_t now_ms) {
  json lost = json::array();
  for (const json& lease : request["leases"]) {
    if (Delivery* row = HeldRow(db, lease)) {
      row->lease_expires_at_ms = now_ms + request["lease_seconds"].get<std::int64_t>() * 1000;
    } else {
      lost.push_back(lease);
    }
  }
  return {{"lost", lost}};
}

json Release(Database& db, const json& request) {
  int released = 0;
  for (const json& lease : request["leases"]) {
    Delivery* row = HeldRow(db, lease);
    if (!row) continue;
    row->state = row->attempt_count > 0 ? "error" : "queued";
    --row->lease_count;
    EndLease(*row);
    ++released;
  }
  return {{"released", released}};
}

json Settle(Database& db, const json& request) {
  ++db.settlement_number;
  json results = json::array();
  for (const json& settlement : request["settlements"])
    results.push_back(SettleOne(db, settlement));
  return {{"results", results}};
}

}  // namespace webhook::embedded
