// SPDX-License-Identifier: LGPL-3.0-or-later
// claim with `work: intake`.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

bool IsClaimable(const IntakeRow& row, const json& request, std::int64_t now_ms) {
  return row.lease_expires_at_ms <= now_ms && (request["takeover"] || row.lease_token.empty());
}

// Of an ordered endpoint nobody gets rows while somebody verifies earlier ones.
bool IsBehindOthers(const Database& db, const IntakeRow& row, const json& request,
                    std::int64_t now_ms) {
  return db.inbound_endpoints.at(row.endpoint_id).ordered &&
         std::any_of(db.intake.begin(), db.intake.end(), [&](const auto& entry) {
           const IntakeRow& other = entry.second;
           return other.endpoint_id == row.endpoint_id && other.lease_expires_at_ms > now_ms &&
                  other.lease_token != request["claim_token"];
         });
}

json ClaimedIntake(const IntakeRow& row) {
  json claimed = {{"id", row.id},
                  {"event_uid", row.event_uid},
                  {"endpoint_id", row.endpoint_id},
                  {"received_at_ms", row.received_at_ms},
                  {"http_method", row.http_method},
                  {"request_url", row.request_url},
                  {"request_headers", row.headers},
                  {"request_body_base64", row.body_base64}};
  if (!row.remote_address.empty()) claimed["remote_address"] = row.remote_address;
  return claimed;
}

// Leases rows that are due.
void TakeIntake(Database& db, const json& request, std::int64_t now_ms) {
  std::int64_t limit = request["limit"];
  for (auto& entry : db.intake) {
    IntakeRow& row = entry.second;
    if (limit == 0) return;
    if (!IsClaimable(row, request, now_ms) || IsBehindOthers(db, row, request, now_ms)) continue;
    row.lease_token = request["claim_token"];
    row.lease_expires_at_ms = now_ms + request["lease_seconds"].get<std::int64_t>() * 1000;
    --limit;
  }
}

}  // namespace

json ClaimIntake(Database& db, const json& request, std::int64_t now_ms) {
  json rows = json::array();
  const auto take_ours = [&] {
    for (const auto& [id, row] : db.intake)
      if (row.lease_token == request["claim_token"]) rows.push_back(ClaimedIntake(row));
  };
  if (!db.IsHeld()) take_ours();
  if (rows.empty() && !db.IsHeld()) {
    TakeIntake(db, request, now_ms);
    take_ours();
  }
  return {{"deliveries", json::array()}, {"intake", rows}, {"interrupted", 0}, {"poisoned", 0}};
}

bool IntakeWaits(const Database& db, std::int64_t now_ms) {
  return !db.IsHeld() && std::any_of(db.intake.begin(), db.intake.end(), [&](const auto& entry) {
    return entry.second.lease_expires_at_ms <= now_ms;
  });
}

}  // namespace webhook::embedded
