// SPDX-License-Identifier: LGPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

void EndLease(Job& job) {
  job.lease_token.clear();
  job.lease_expires_at_ms = 0;
  job.lease_lost_count = 0;
}

bool IsTransition(JobKind kind, const std::string& outcome, const std::string& state) {
  const bool is_event = kind == JobKind::kEvent;
  if (outcome == "retry" || outcome == "interrupted")
    return state == "error" || state == "dead_letter";
  if (outcome == "dead_letter") return state == "dead_letter";
  if (outcome == "deferred") return state == "queued" || (is_event && state == "received");
  if (is_event) return outcome == state && (state == "done" || state == "rejected");
  return outcome == "delivered" ? state == "done" : outcome == state && state == "canceled";
}

// Why the addon would not take the settlement; empty when it does.
std::string Misfit(const json& settlement) {
  const std::string outcome = settlement["outcome"], state = settlement["state"];
  if (!IsTransition(KindOf(settlement), outcome, state))
    return "The outcome " + outcome + " does not lead to the state " + state + ".";
  const bool waits = state == "error" || state == "queued" || state == "received";
  if (waits && !settlement.contains("next_attempt_at_ms"))
    return "State " + state + " needs next_attempt_at_ms.";
  if (settlement["kind"] == "event" &&
      (settlement.contains("attempt") || settlement.contains("frozen")))
    return "An event's settlement has neither an attempt nor frozen content.";
  if (outcome == "deferred" && !settlement.value("operations", json::array()).empty())
    return "A deferred settlement has no record operations.";
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
  if (outcome == "deferred" || settlement["kind"] == "event") return std::nullopt;
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

// A handler that asks for a retry before anything left fixes nothing.
bool WasSent(const json& settlement) {
  const json attempt = settlement.value("attempt", json::object());
  return settlement.contains("frozen") || attempt.contains("response_status_code") ||
         attempt.value("maybe_delivered", false);
}

// What every later attempt sends.
void Freeze(Delivery& delivery, const json& settlement) {
  if (settlement.contains("frozen") && !delivery.content_frozen) {
    const json& frozen = settlement["frozen"];
    delivery.http_method = frozen["http_method"];
    delivery.target_path = frozen.value("target_path", "");
    delivery.request_headers = frozen["request_headers"].get<Headers>();
    delivery.payload = frozen["payload"];
  }
  delivery.content_frozen |= WasSent(settlement);
}

void Apply(Database& db, Job& job, const json& settlement) {
  const std::string outcome = settlement["outcome"], state = settlement["state"];
  if (job.kind == JobKind::kDelivery) {
    auto& delivery = static_cast<Delivery&>(job);
    if (auto attempt = AttemptOf(settlement)) db.AddAttempt(delivery, *std::move(attempt));
    Freeze(delivery, settlement);
  } else {
    job.attempt_count += outcome == "retry" || outcome == "interrupted" ? 1 : 0;
  }
  if (settlement.contains("execution"))
    db.executions.push_back({job.kind, job.id, settlement["execution"].dump()});
  const bool deferred = outcome == "deferred";
  const auto set = [&](std::string& field, const char* name, bool keeps) {
    field = settlement.value(name, keeps ? field : "");
  };
  set(job.failure_reason, "failure_reason", deferred);
  set(job.failure_message, "failure_message", deferred);
  set(job.failure_key, "failure_key", deferred);
  set(job.note, "note", true);
  job.state = job.kind == JobKind::kEvent && state == "queued" ? "received" : state;
  job.next_attempt_at_ms = settlement.value("next_attempt_at_ms", job.next_attempt_at_ms);
  job.last_settlement_uid = settlement["settlement_uid"];
  if (deferred) --job.lease_count;
  EndLease(job);
  if (job.failure_reason == "endpoint_gone" && state == "dead_letter" &&
      job.kind == JobKind::kDelivery) {
    db.endpoints.at(job.endpoint_id).held_reason = "endpoint_disabled";
    ++db.configuration_revision;
  }
}

const Refusal* RefusalOf(const Database& db, const json& operations) {
  for (const json& operation : operations)
    if (const auto found = db.refusals.find(operation["model"]); found != db.refusals.end())
      return &found->second;
  return nullptr;
}

// Whether trying again cannot help.
bool IsFinal(const Refusal& refusal, const json& settlement) {
  const std::string& category = refusal.category;
  if (category == "no_match" || category == "many_matches") {
    const char* policy = category == "no_match" ? "on_none" : "on_many";
    for (const json& operation : settlement["operations"])
      if (operation.value(policy, "") == "dead_letter") return true;
  }
  return settlement["outcome"] == "delivered" || category == "access" || category == "company" ||
         category == "configuration" || category == "data";
}

// The settlement that is written when Odoo refuses the operations.
json Otherwise(const json& settlement, const Refusal& refusal) {
  json other = settlement.value("otherwise", json::object());
  const bool waits = !IsFinal(refusal, settlement) && other.contains("next_attempt_at_ms") &&
                     other["state"] == "error";
  if (IsFinal(refusal, settlement) || other.empty())
    other = {{"failure_reason", "record_operation"}};
  other["state"] = waits ? "error" : "dead_letter";
  other["failure_message"] =
      (settlement["outcome"] == "delivered" ? "It was delivered, but: " : "") + refusal.message;
  other["failure_key"] = "record_operation:" + refusal.category;
  if (settlement["kind"] == "event") other["outcome"] = waits ? "retry" : "dead_letter";
  json instead = settlement;
  instead.update(other);
  return instead;
}

bool IsRepeated(const Database& db, const Job& job, const json& settlement) {
  const auto attempt = AttemptOf(settlement);
  return job.last_settlement_uid == settlement["settlement_uid"] ||
         (attempt && db.attempts_by_uid.contains(attempt->attempt_uid));
}

// The result besides the settlement's uid.
json ApplyWithOperations(Database& db, Job& job, const json& settlement) {
  const json operations = settlement.value("operations", json::array());
  const Refusal* refusal = RefusalOf(db, operations);
  if (!refusal) {
    for (const json& operation : operations)
      db.operations.push_back({job.kind, job.id, settlement["settlement_uid"], operation.dump()});
    Apply(db, job, settlement);
    return {{"status", "applied"}};
  }
  if (refusal->category == "conflict") return {{"status", "conflict"}};
  Apply(db, job, Otherwise(settlement, *refusal));
  return {{"status", "applied"}, {"category", refusal->category}, {"message", refusal->message}};
}

}  // namespace

JobKind KindOf(const json& lease) {
  return lease["kind"] == "event" ? JobKind::kEvent : JobKind::kDelivery;
}

Job* HeldRow(Database& db, const json& lease) {
  Job* row = db.FindJob(KindOf(lease), lease["id"]);
  const bool is_held = row && IsLeased(*row) && row->lease_token == lease["lease_token"];
  return is_held && !db.IsHeld() ? row : nullptr;
}

json SettleOne(Database& db, const json& settlement) {
  json result = {{"settlement_uid", settlement["settlement_uid"]}};
  const auto failed = [&](const char* category, const std::string& message) {
    result.update({{"status", "failed"}, {"category", category}, {"message", message}});
    return result;
  };
  if (const std::string misfit = Misfit(settlement); !misfit.empty())
    return failed("validation", misfit);
  Job* job = db.FindJob(KindOf(settlement), settlement["id"]);
  if (!job)
    return failed("gone", "There is no such " + settlement["kind"].get<std::string>() + ".");
  if (IsRepeated(db, *job, settlement)) {
    result["status"] = "already_applied";
  } else if (!HeldRow(db, settlement)) {
    if (auto attempt = AttemptOf(settlement))
      KeepSuperseded(db, static_cast<Delivery&>(*job), *std::move(attempt));
    result["status"] = "superseded";
  } else {
    result.update(ApplyWithOperations(db, *job, settlement));
  }
  return result;
}

json Renew(Database& db, const json& request, std::int64_t now_ms) {
  json lost = json::array();
  for (const json& lease : request["leases"]) {
    if (Job* row = HeldRow(db, lease)) {
      row->lease_expires_at_ms = now_ms + request["lease_seconds"].get<std::int64_t>() * 1000;
    } else {
      lost.push_back(lease);
    }
  }
  return {{"lost", lost}};
}

json Release(Database& db, const json& request, std::int64_t /*now_ms*/) {
  int released = 0;
  for (const json& lease : request["leases"]) {
    Job* row = HeldRow(db, lease);
    if (!row) continue;
    const char* fresh = row->kind == JobKind::kEvent ? "received" : "queued";
    row->state = row->attempt_count > 0 ? "error" : fresh;
    --row->lease_count;
    EndLease(*row);
    ++released;
  }
  return {{"released", released}};
}

json Settle(Database& db, const json& request, std::int64_t /*now_ms*/) {
  ++db.settlement_number;
  json results = json::array();
  // Those with record operations run after the others.
  for (const bool with_operations : {false, true})
    for (std::size_t i = 0; i < request["settlements"].size(); ++i)
      if (const json& settlement = request["settlements"][i];
          settlement.value("operations", json::array()).empty() != with_operations)
        results[i] = SettleOne(db, settlement);
  return {{"results", results}};
}

}  // namespace webhook::embedded
