// SPDX-License-Identifier: LGPL-3.0-or-later
#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "lib/base/time.h"
#include "lib/base/uuid.h"
#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

constexpr int kLostLeasesMax = 3;  // the third one lost is poison

// The open work of one endpoint.
struct Work {
  std::vector<Delivery*> waiting;          // without a lane
  std::vector<Delivery*> leased;           // with or without a lane
  std::map<std::string, Delivery*> heads;  // of the lanes, leased or waiting
};

struct Quota {
  std::int64_t endpoint_id;
  std::int64_t free;
};

// One claim under way: what may still be handed out, and what was.
struct Claiming {
  Database& db;
  const json& request;
  std::int64_t now_ms;
  std::vector<Quota> quotas;  // those of endpoints that are not held
  std::int64_t limit;
  std::vector<const Delivery*> rows = {};
  int interrupted = 0;
  int poisoned = 0;

  bool IsFull(const Quota& quota) const { return limit == 0 || quota.free == 0; }

  void HandOut(Quota& quota, Delivery& delivery) {
    delivery.state = "processing";
    delivery.lease_token = request["claim_token"];
    delivery.lease_expires_at_ms = now_ms + request["lease_seconds"].get<std::int64_t>() * 1000;
    ++delivery.lease_count;
    rows.push_back(&delivery);
    --quota.free;
    --limit;
  }
};

std::vector<Quota> OpenQuotas(const Database& db, const json& request) {
  std::vector<Quota> quotas;
  for (const json& quota : request["quotas"]) {
    const auto endpoint = db.endpoints.find(quota["endpoint_id"].get<std::int64_t>());
    if (endpoint == db.endpoints.end() || !db.HeldReason(endpoint->second).empty()) continue;
    quotas.push_back({endpoint->first, quota["free"].get<std::int64_t>()});
  }
  return quotas;
}

std::map<std::int64_t, Work> OpenWork(Database& db, const std::vector<Quota>& quotas) {
  std::map<std::int64_t, Work> work;
  for (const Quota& quota : quotas) work[quota.endpoint_id];
  for (Delivery& delivery : db.deliveries) {
    const auto found = work.find(delivery.endpoint_id);
    if (found == work.end() || !(IsWaiting(delivery) || IsLeased(delivery))) continue;
    if (IsLeased(delivery)) found->second.leased.push_back(&delivery);
    if (!delivery.lane.empty()) {
      found->second.heads.try_emplace(delivery.lane, &delivery);
    } else if (IsWaiting(delivery)) {
      found->second.waiting.push_back(&delivery);
    }
  }
  return work;
}

// The truth about an attempt whose worker was not heard of again.
void RecordInterrupted(Claiming& claim, Delivery& delivery) {
  Attempt lost;
  lost.attempt_uid = base::MakeUuid7(base::FromUnixMs(claim.now_ms), claim.db.random);
  lost.lease_token = delivery.lease_token;
  lost.outcome = "interrupted";
  lost.maybe_delivered = true;
  lost.started_at_ms = claim.now_ms;
  lost.http_method = delivery.http_method;
  claim.db.placeholders[{delivery.id, delivery.lease_token}] = claim.db.attempts.size();
  claim.db.AddAttempt(delivery, std::move(lost));
  ++claim.interrupted;
}

void TakeOver(Claiming& claim) {
  auto work = OpenWork(claim.db, claim.quotas);
  for (Quota& quota : claim.quotas) {
    for (Delivery* delivery : work[quota.endpoint_id].leased) {
      if (claim.IsFull(quota)) break;
      if (delivery->lease_expires_at_ms > claim.now_ms) continue;
      RecordInterrupted(claim, *delivery);
      if (++delivery->lease_lost_count >= kLostLeasesMax) {
        delivery->state = "dead_letter";
        delivery->failure_reason = "poison";
        delivery->lease_token.clear();
        ++claim.poisoned;
      } else {
        claim.HandOut(quota, *delivery);
      }
    }
  }
}

void TakeDue(Claiming& claim, Quota& quota, const std::vector<Delivery*>& candidates) {
  for (Delivery* delivery : candidates) {
    if (claim.IsFull(quota)) return;
    if (IsWaiting(*delivery) && delivery->next_attempt_at_ms <= claim.now_ms)
      claim.HandOut(quota, *delivery);
  }
}

void TakeUnordered(Claiming& claim) {
  auto work = OpenWork(claim.db, claim.quotas);
  for (Quota& quota : claim.quotas) {
    auto& waiting = work[quota.endpoint_id].waiting;
    std::sort(waiting.begin(), waiting.end(), [](const Delivery* a, const Delivery* b) {
      return std::tie(a->priority, a->next_attempt_at_ms, a->id) <
             std::tie(b->priority, b->next_attempt_at_ms, b->id);
    });
    TakeDue(claim, quota, waiting);
  }
}

void TakeLaneHeads(Claiming& claim) {
  auto work = OpenWork(claim.db, claim.quotas);
  for (Quota& quota : claim.quotas) {
    std::vector<Delivery*> heads;
    for (const auto& [lane, head] : work[quota.endpoint_id].heads) heads.push_back(head);
    TakeDue(claim, quota, heads);
  }
}

// Absent when nothing of the asked endpoints waits or is leased. What waits behind a lane's head
// does not count.
std::optional<std::int64_t> NextDue(Claiming& claim) {
  std::optional<std::int64_t> next;
  const auto consider = [&](std::int64_t at_ms) { next = std::min(next.value_or(at_ms), at_ms); };
  for (const auto& [endpoint_id, work] : OpenWork(claim.db, claim.quotas)) {
    for (const Delivery* delivery : work.waiting) consider(delivery->next_attempt_at_ms);
    for (const Delivery* delivery : work.leased) consider(delivery->lease_expires_at_ms);
    for (const auto& [lane, head] : work.heads)
      if (IsWaiting(*head)) consider(head->next_attempt_at_ms);
  }
  return next;
}

json ClaimedDelivery(const Delivery& delivery) {
  json row = {{"id", delivery.id},
              {"delivery_uid", delivery.delivery_uid},
              {"endpoint_id", delivery.endpoint_id},
              {"lease_token", delivery.lease_token},
              {"lease_expires_at_ms", delivery.lease_expires_at_ms},
              {"lease_count", delivery.lease_count},
              {"attempt_count", delivery.attempt_count},
              {"queued_at_ms", delivery.queued_at_ms},
              {"http_method", delivery.http_method},
              {"request_body_mode", "json"},
              {"request_headers", delivery.request_headers},
              {"payload", delivery.payload}};
  if (!delivery.lane.empty()) row["lane"] = delivery.lane;
  return row;
}

}  // namespace

json Claim(Database& db, const json& request, std::int64_t now_ms) {
  Claiming claim{db, request, now_ms, OpenQuotas(db, request), request["limit"]};
  for (const Delivery& delivery : db.deliveries)
    if (!db.IsHeld() && IsLeased(delivery) && delivery.lease_token == request["claim_token"])
      claim.rows.push_back(&delivery);
  if (claim.rows.empty() && claim.limit > 0 && !db.IsHeld()) {
    if (request["takeover"]) TakeOver(claim);
    TakeUnordered(claim);
    TakeLaneHeads(claim);
  }
  json answer = {{"deliveries", json::array()},
                 {"interrupted", claim.interrupted},
                 {"poisoned", claim.poisoned}};
  for (const Delivery* row : claim.rows) answer["deliveries"].push_back(ClaimedDelivery(*row));
  if (const auto next = db.IsHeld() ? std::nullopt : NextDue(claim))
    answer["next_due_at_ms"] = *next;
  return answer;
}

}  // namespace webhook::embedded
