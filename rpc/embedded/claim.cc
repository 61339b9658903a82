// SPDX-License-Identifier: LGPL-3.0-or-later
#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "lib/base/time.h"
#include "lib/base/uuid.h"
#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

constexpr int kLostLeasesMax = 3;  // the third one lost is poison
constexpr std::int64_t kAliveMs = 60'000;

struct Quota {
  std::int64_t endpoint_id;
  std::int64_t free;
};

// The open work of one endpoint.
struct Work {
  std::vector<Job*> waiting;                       // without a lane
  std::vector<Job*> leased;                        // without a lane
  std::map<std::string, std::vector<Job*>> lanes;  // waiting and leased, in their order
};

// One claim under way: what may still be handed out, and what was.
struct Claiming {
  Database& db;
  const json& request;
  std::int64_t now_ms;
  JobKind kind;
  std::vector<Quota> quotas;  // those of endpoints that are not held
  std::int64_t limit;
  std::vector<const Job*> rows = {};
  int interrupted = 0;
  int poisoned = 0;

  bool IsFull(const Quota& quota) const { return limit == 0 || quota.free == 0; }

  void HandOut(Quota& quota, Job& job) {
    Lease(job, request["claim_token"],
          now_ms + request["lease_seconds"].get<std::int64_t>() * 1000);
    rows.push_back(&job);
    --quota.free;
    --limit;
  }

  std::vector<Job*> Jobs() const {
    std::vector<Job*> jobs;
    if (kind == JobKind::kEvent)
      for (Event& event : db.events) jobs.push_back(&event);
    else
      for (Delivery& delivery : db.deliveries) jobs.push_back(&delivery);
    return jobs;
  }
};

std::vector<Quota> OpenQuotas(const Database& db, JobKind kind, const json& request) {
  std::vector<Quota> quotas;
  for (const json& quota : request["quotas"])
    if (db.IsOpen(kind, quota["endpoint_id"]))
      quotas.push_back({quota["endpoint_id"], quota["free"]});
  return quotas;
}

const std::string& LaneOf(const Job& job) {
  static const std::string kNone;
  return job.kind == JobKind::kEvent ? kNone : static_cast<const Delivery&>(job).lane;
}

int PriorityOf(const Job& job) {
  return job.kind == JobKind::kEvent ? 0 : static_cast<const Delivery&>(job).priority;
}

bool IsOrdered(const Claiming& claim, std::int64_t endpoint_id) {
  return claim.kind == JobKind::kEvent && claim.db.inbound_endpoints.at(endpoint_id).ordered;
}

// Of an ordered endpoint only the oldest.
std::map<std::int64_t, Work> OpenWork(const Claiming& claim) {
  std::map<std::int64_t, Work> work;
  for (const Quota& quota : claim.quotas) work[quota.endpoint_id];
  for (Job* job : claim.Jobs()) {
    const auto found = work.find(job->endpoint_id);
    if (found == work.end() || !(IsWaiting(*job) || IsLeased(*job))) continue;
    const bool has_head = !found->second.waiting.empty() || !found->second.leased.empty();
    if (has_head && IsOrdered(claim, job->endpoint_id)) continue;
    if (const std::string& lane = LaneOf(*job); !lane.empty()) {
      found->second.lanes[lane].push_back(job);
    } else {
      (IsLeased(*job) ? found->second.leased : found->second.waiting).push_back(job);
    }
  }
  return work;
}

// The truth about an attempt whose worker was not heard of again. Of an event it is only counted.
void RecordInterrupted(Claiming& claim, Job& job) {
  ++claim.interrupted;
  if (job.kind == JobKind::kEvent) {
    ++job.attempt_count;
    return;
  }
  auto& delivery = static_cast<Delivery&>(job);
  Attempt lost;
  lost.attempt_uid = base::MakeUuid7(base::FromUnixMs(claim.now_ms), claim.db.random);
  lost.lease_token = delivery.lease_token;
  lost.outcome = "interrupted";
  lost.maybe_delivered = true;
  lost.started_at_ms = claim.now_ms;
  lost.http_method = delivery.http_method;
  claim.db.placeholders[{delivery.id, delivery.lease_token}] = claim.db.attempts.size();
  claim.db.AddAttempt(delivery, std::move(lost));
}

bool IsLost(const Job& job, std::int64_t now_ms) {
  return IsLeased(job) && job.lease_expires_at_ms <= now_ms;
}

// The third loss is the end; otherwise it is handed out, or waits behind its lane's head.
void EndLostLease(Claiming& claim, Quota& quota, Job& job, bool goes_on) {
  RecordInterrupted(claim, job);
  const bool is_poison = ++job.lease_lost_count >= kLostLeasesMax;
  if (!is_poison && goes_on) return claim.HandOut(quota, job);
  job.state = is_poison ? "dead_letter" : "error";
  job.failure_reason = is_poison ? "poison" : "interrupted";
  job.next_attempt_at_ms = claim.now_ms;
  job.lease_token.clear();
  claim.poisoned += is_poison ? 1 : 0;
}

void TakeOver(Claiming& claim) {
  auto work = OpenWork(claim);
  for (Quota& quota : claim.quotas) {
    for (Job* job : work[quota.endpoint_id].leased)
      if (!claim.IsFull(quota) && IsLost(*job, claim.now_ms))
        EndLostLease(claim, quota, *job, true);
    for (const auto& entry : work[quota.endpoint_id].lanes) {
      const std::vector<Job*>& lane = entry.second;
      const bool is_worked_on = std::any_of(lane.begin(), lane.end(), [&](const Job* job) {
        return IsLeased(*job) && !IsLost(*job, claim.now_ms);
      });
      if (claim.IsFull(quota) || is_worked_on) continue;
      for (Job* job : lane)
        if (IsLost(*job, claim.now_ms)) EndLostLease(claim, quota, *job, job == lane.front());
    }
  }
}

void TakeDue(Claiming& claim, Quota& quota, const std::vector<Job*>& candidates) {
  for (Job* job : candidates) {
    if (claim.IsFull(quota)) return;
    if (IsWaiting(*job) && job->next_attempt_at_ms <= claim.now_ms) claim.HandOut(quota, *job);
  }
}

void TakeUnordered(Claiming& claim) {
  auto work = OpenWork(claim);
  for (Quota& quota : claim.quotas) {
    auto& waiting = work[quota.endpoint_id].waiting;
    std::sort(waiting.begin(), waiting.end(), [](const Job* a, const Job* b) {
      return std::tuple(PriorityOf(*a), a->next_attempt_at_ms, a->id) <
             std::tuple(PriorityOf(*b), b->next_attempt_at_ms, b->id);
    });
    TakeDue(claim, quota, waiting);
  }
}

// As many rows as are due without a gap. What was lost in progress before goes alone: of a lost run
// nobody knows which one stops the workers.
void TakeRun(Claiming& claim, Quota& quota, const std::vector<Job*>& lane, std::int64_t rows_max) {
  for (Job* job : lane) {
    const bool is_first = job == lane.front();
    if (claim.IsFull(quota) || rows_max-- == 0 || job->next_attempt_at_ms > claim.now_ms) return;
    if (job->lease_lost_count > 0 && !is_first) return;
    claim.HandOut(quota, *job);
    if (job->lease_lost_count > 0) return;
  }
}

bool IsFree(const std::vector<Job*>& lane) {
  return std::none_of(lane.begin(), lane.end(), [](const Job* job) { return IsLeased(*job); });
}

void TakeLanes(Claiming& claim) {
  auto work = OpenWork(claim);
  for (Quota& quota : claim.quotas) {
    std::vector<const std::vector<Job*>*> due;
    for (const auto& entry : work[quota.endpoint_id].lanes)
      if (IsFree(entry.second) && entry.second.front()->next_attempt_at_ms <= claim.now_ms)
        due.push_back(&entry.second);
    std::sort(due.begin(), due.end(), [](const auto* a, const auto* b) {
      return std::pair(a->front()->next_attempt_at_ms, a->front()->id) <
             std::pair(b->front()->next_attempt_at_ms, b->front()->id);
    });
    const std::int64_t share =
        std::max<std::int64_t>(1, quota.free / std::max<std::int64_t>(1, std::ssize(due)));
    for (const auto* lane : due) TakeRun(claim, quota, *lane, share);
  }
}

// Absent when nothing of the asked endpoints waits or is leased. What waits behind a lane's head
// does not count.
std::optional<std::int64_t> NextDue(const Claiming& claim) {
  std::optional<std::int64_t> next;
  const auto consider = [&](std::int64_t at_ms) { next = std::min(next.value_or(at_ms), at_ms); };
  for (const auto& [endpoint_id, work] : OpenWork(claim)) {
    for (const Job* job : work.waiting) consider(job->next_attempt_at_ms);
    for (const Job* job : work.leased) consider(job->lease_expires_at_ms);
    for (const auto& [name, lane] : work.lanes) {
      for (const Job* job : lane)
        if (IsLeased(*job)) consider(job->lease_expires_at_ms);
      if (IsFree(lane)) consider(lane.front()->next_attempt_at_ms);
    }
  }
  return next;
}

json ClaimedJob(const Job& job) {
  json row = {{"id", job.id},
              {"endpoint_id", job.endpoint_id},
              {"lease_token", job.lease_token},
              {"lease_expires_at_ms", job.lease_expires_at_ms},
              {"lease_count", job.lease_count},
              {"attempt_count", job.attempt_count}};
  if (job.handler_id != 0) row["handler_id"] = job.handler_id;
  return row;
}

json ClaimedDelivery(const Delivery& delivery) {
  json row = ClaimedJob(delivery);
  row.update({{"delivery_uid", delivery.delivery_uid},
              {"queued_at_ms", delivery.queued_at_ms},
              {"http_method", delivery.http_method},
              {"request_body_mode", delivery.body_mode},
              {"request_headers", delivery.request_headers},
              {"payload", delivery.payload}});
  for (const auto& [key, value] : {std::pair("lane", &delivery.lane),
                                   {"target_path", &delivery.target_path},
                                   {"context_values", &delivery.context_values},
                                   {"field_values", &delivery.field_values}})
    if (!value->empty()) row[key] = *value;
  if (delivery.content_frozen) row["content_frozen"] = true;
  if (delivery.expires_at_ms != 0) row["expires_at_ms"] = delivery.expires_at_ms;
  for (const File& file : delivery.files)
    row["files"].push_back({{"name", file.name},
                            {"filename", file.filename},
                            {"content_type", file.content_type},
                            {"content_base64", file.content_base64}});
  return row;
}

int WorkersAlive(const Claiming& claim) {
  const auto& workers = claim.db.workers;
  const auto alive = std::count_if(workers.begin(), workers.end(), [&](const auto& entry) {
    return entry.second.seen_at_ms > claim.now_ms - kAliveMs;
  });
  return std::max(1, static_cast<int>(alive));
}

// Each is handed out once.
json TakeProbes(Claiming& claim) {
  json probes = json::array();
  for (auto& [uid, probe] : claim.db.probes)
    if (!std::exchange(probe.was_handed_out, true)) probes.push_back(json::parse(probe.json));
  return probes;
}

}  // namespace

json ClaimedEvent(const Event& event) {
  json row = ClaimedJob(event);
  row.update({{"event_uid", event.event_uid},
              {"received_at_ms", event.received_at_ms},
              {"request_body_base64", event.body_base64},
              {"request_headers", event.headers},
              {"query", event.query},
              {"resolved_values", event.resolved_values},
              {"semantics", event.semantics},
              {"field_values", event.field_values}});
  return row;
}

json Claim(Database& db, const json& request, std::int64_t now_ms) {
  if (request.value("work", "") == "intake") return ClaimIntake(db, request, now_ms);
  const JobKind kind =
      request.value("work", "deliveries") == "events" ? JobKind::kEvent : JobKind::kDelivery;
  Claiming claim{db, request, now_ms, kind, OpenQuotas(db, kind, request), request["limit"]};
  json answer = {{"deliveries", json::array()}};
  if (!db.IsHeld()) {
    for (const Job* job : claim.Jobs())
      if (IsLeased(*job) && job->lease_token == request["claim_token"]) claim.rows.push_back(job);
    if (claim.rows.empty() && claim.limit > 0) {
      if (request["takeover"]) TakeOver(claim);
      TakeUnordered(claim);
      TakeLanes(claim);
      if (kind == JobKind::kEvent) answer["probes"] = TakeProbes(claim);
    }
    if (const auto next = NextDue(claim)) answer["next_due_at_ms"] = *next;
  }
  for (const Job* job : claim.rows)
    if (kind == JobKind::kEvent)
      answer["events"].push_back(ClaimedEvent(static_cast<const Event&>(*job)));
    else
      answer["deliveries"].push_back(ClaimedDelivery(static_cast<const Delivery&>(*job)));
  answer.update({{"interrupted", claim.interrupted}, {"poisoned", claim.poisoned}});
  if (kind == JobKind::kDelivery) answer["workers_alive"] = WorkersAlive(claim);
  if (kind == JobKind::kEvent) answer["intake_waiting"] = IntakeWaits(db, now_ms);
  return answer;
}

}  // namespace webhook::embedded
