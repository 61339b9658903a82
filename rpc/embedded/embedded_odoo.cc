// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/embedded_odoo.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/base64.h"
#include "lib/base/uuid.h"
#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using delivery::ContractMethod;
using nlohmann::json;

struct Entry {
  ContractMethod method;
  std::string_view name;
  Method* answer;
};

constexpr Entry kMethods[] = {
    {ContractMethod::kHello, "hello", Hello},
    {ContractMethod::kConfiguration, "configuration", Configuration},
    {ContractMethod::kReportFindings, "report_findings", ReportFindings},
    {ContractMethod::kClaim, "claim", Claim},
    {ContractMethod::kRenew, "renew", Renew},
    {ContractMethod::kRelease, "release", Release},
    {ContractMethod::kSettle, "settle", Settle},
    {ContractMethod::kIngest, "ingest", Ingest},
    {ContractMethod::kRunPythonHandler, "run_python_handler", RunPythonHandler},
    {ContractMethod::kReadAs, "read_as", ReadAs},
    {ContractMethod::kAnswerProbe, "answer_probe", AnswerProbe},
    {ContractMethod::kReseal, "reseal", Reseal}};

const Entry& EntryOf(ContractMethod method) {
  return *std::find_if(std::begin(kMethods), std::end(kMethods),
                       [&](const Entry& entry) { return entry.method == method; });
}

delivery::RpcFault Rejected(const std::string& why) {
  return {delivery::RpcFaultKind::kRejected, why};
}

void AddEnvelope(json& answer, const Database& db, std::int64_t now_ms) {
  answer.update({{"fingerprint", db.fingerprint},
                 {"fingerprint_confirmed", db.fingerprint == db.confirmed_fingerprint},
                 {"neutralized", db.neutralized},
                 {"configuration_revision", db.configuration_revision},
                 {"settlement_number", db.settlement_number},
                 {"server_time_ms", now_ms}});
}

template <typename Record>
std::int64_t Put(std::map<std::int64_t, Record>& table, Record record, Database& db) {
  if (record.id == 0) record.id = table.empty() ? 1 : table.rbegin()->first + 1;
  const std::int64_t id = record.id;
  table.insert_or_assign(id, std::move(record));
  ++db.configuration_revision;
  return id;
}

std::string KeepProbe(Database& db, const std::string& uid, json probe) {
  probe["probe_uid"] = uid;
  db.probes[uid].json = probe.dump();
  return uid;
}

}  // namespace

std::string_view MethodName(ContractMethod method) { return EntryOf(method).name; }

std::optional<ContractMethod> MethodOfName(std::string_view name) {
  for (const Entry& entry : kMethods)
    if (entry.name == name) return entry.method;
  return std::nullopt;
}

EmbeddedOdoo::EmbeddedOdoo(const base::Clock& clock, std::uint64_t seed)
    : clock_(clock), db_(seed) {
  ChangeFingerprint();
  AddRetryPolicy({});
}

base::Result<std::string, delivery::RpcFault> EmbeddedOdoo::Handle(ContractMethod method,
                                                                   std::string_view request_json) {
  if (std::any_of(request_json.begin(), request_json.end(), [](char byte) { return byte < 0; }))
    return Rejected("The request is not an ASCII text.");
  const json request = json::parse(WithVisibleEscapes(request_json), nullptr, false);
  if (request.is_discarded()) return Rejected("The request is not a JSON text.");
  const std::string name(MethodName(method));
  const std::string misfit = shapes_.Misfit(name + "_request", request);
  if (!misfit.empty()) return Rejected(name + ": " + misfit + ".");

  const bool writes = method == ContractMethod::kSettle || method == ContractMethod::kIngest ||
                      method == ContractMethod::kRunPythonHandler ||
                      method == ContractMethod::kReseal;
  if (writes && db_.IsHeld())
    return Rejected("This database is neutralized or not confirmed: it takes no settlements.");

  const std::int64_t now_ms = base::ToUnixMs(clock_.Now());
  if (const auto known = db_.workers.find(request["worker_uid"]); known != db_.workers.end())
    known->second.seen_at_ms = now_ms;
  json answer = EntryOf(method).answer(db_, request, now_ms);
  AddEnvelope(answer, db_, now_ms);
  return answer.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::int64_t EmbeddedOdoo::AddRetryPolicy(RetryPolicy policy) {
  return Put(db_.retry_policies, std::move(policy), db_);
}
std::int64_t EmbeddedOdoo::AddHandler(Handler handler) {
  return Put(db_.handlers, std::move(handler), db_);
}
std::int64_t EmbeddedOdoo::AddEndpoint(Endpoint endpoint) {
  return Put(db_.endpoints, std::move(endpoint), db_);
}
std::int64_t EmbeddedOdoo::AddInboundEndpoint(InboundEndpoint endpoint) {
  return Put(db_.inbound_endpoints, std::move(endpoint), db_);
}
std::int64_t EmbeddedOdoo::AddSecret(Secret secret) {
  return Put(db_.secrets, std::move(secret), db_);
}

std::int64_t EmbeddedOdoo::AddIntake(IntakeRow row) {
  WEBHOOK_ASSERT(db_.inbound_endpoints.contains(row.endpoint_id));
  if (row.id == 0) row.id = ++db_.last_intake_id;
  if (row.event_uid.empty()) row.event_uid = base::MakeUuid7(clock_.Now(), db_.random);
  if (row.received_at_ms == 0) row.received_at_ms = base::ToUnixMs(clock_.Now());
  const std::int64_t id = row.id;
  db_.intake.insert_or_assign(id, std::move(row));
  return id;
}

void EmbeddedOdoo::SetCompanyPaused(bool paused) {
  db_.company_paused = paused;
  ++db_.configuration_revision;
}

void EmbeddedOdoo::ForgetWorkers() {
  constexpr std::int64_t kHourMs = 3'600'000;
  for (auto& [uid, worker] : db_.workers) worker.seen_at_ms -= kHourMs;
}

std::int64_t EmbeddedOdoo::QueueDelivery(std::int64_t endpoint_id, std::string payload,
                                         const QueueOptions& options) {
  WEBHOOK_ASSERT(db_.endpoints.contains(endpoint_id));
  Delivery delivery;
  delivery.id = std::ssize(db_.deliveries) + 1;
  if (!options.identity_key.empty()) {
    const auto [taken, is_new] =
        db_.identity_keys.try_emplace({endpoint_id, options.identity_key}, delivery.id);
    if (!is_new) return taken->second;
  }
  delivery.delivery_uid = base::MakeUuid7(clock_.Now(), db_.random);
  delivery.endpoint_id = endpoint_id;
  delivery.handler_id = db_.endpoints.at(endpoint_id).handler_id;
  delivery.lane = options.lane;
  delivery.priority = options.priority;
  delivery.http_method = options.http_method;
  delivery.body_mode = options.body_mode;
  delivery.files = options.files;
  delivery.expires_at_ms = options.expires_at_ms;
  delivery.request_headers = options.headers;
  delivery.payload = std::move(payload);
  delivery.context_values = options.context_values;
  delivery.field_values = options.field_values;
  delivery.queued_at_ms = delivery.next_attempt_at_ms = base::ToUnixMs(clock_.Now());
  return db_.deliveries.emplace_back(std::move(delivery)).id;
}

std::int64_t EmbeddedOdoo::ReceiveEvent(std::int64_t endpoint_id, std::string_view body) {
  WEBHOOK_ASSERT(db_.inbound_endpoints.contains(endpoint_id));
  Event event;
  event.id = std::ssize(db_.events) + 1;
  event.event_uid = base::MakeUuid7(clock_.Now(), db_.random);
  event.endpoint_id = endpoint_id;
  event.handler_id = db_.inbound_endpoints.at(endpoint_id).handler_id;
  event.received_at_ms = event.next_attempt_at_ms = base::ToUnixMs(clock_.Now());
  event.body_base64 = base::EncodeBase64(body);
  db_.event_ids[event.event_uid] = event.id;
  return db_.events.emplace_back(std::move(event)).id;
}

Event& EmbeddedOdoo::EditEvent(std::int64_t id) {
  Event* event = db_.FindEvent(id);
  WEBHOOK_ASSERT(event != nullptr);
  return *event;
}

std::string EmbeddedOdoo::AddProbe(const std::string& handler_json,
                                   const std::string& samples_json) {
  return KeepProbe(db_, base::MakeUuid7(clock_.Now(), db_.random),
                   {{"kind", "rules"},
                    {"handler", json::parse(handler_json)},
                    {"samples", json::parse(samples_json)}});
}

std::string EmbeddedOdoo::AddSendProbe(std::int64_t endpoint_id, const std::string& delivery_json) {
  return KeepProbe(
      db_, base::MakeUuid7(clock_.Now(), db_.random),
      {{"kind", "send"}, {"endpoint_id", endpoint_id}, {"delivery", json::parse(delivery_json)}});
}

void EmbeddedOdoo::Refuse(const std::string& model, const std::string& category) {
  if (category.empty()) {
    db_.refusals.erase(model);
  } else {
    db_.refusals[model].category = category;
  }
}

Delivery& EmbeddedOdoo::EditDelivery(std::int64_t id) {
  Delivery* delivery = db_.FindDelivery(id);
  WEBHOOK_ASSERT(delivery != nullptr);
  return *delivery;
}

void EmbeddedOdoo::ChangeFingerprint() {
  db_.fingerprint.clear();
  while (db_.fingerprint.size() < 64) db_.fingerprint += "0123456789abcdef"[db_.random.Next() % 16];
}

std::map<std::string, std::int64_t> EmbeddedOdoo::CountByState() const {
  std::map<std::string, std::int64_t> counts;
  for (const Delivery& delivery : db_.deliveries) ++counts[delivery.state];
  return counts;
}

void Database::AddAttempt(Delivery& delivery, Attempt attempt) {
  attempt.delivery_id = delivery.id;
  attempt.attempt_number = ++delivery.attempt_count;
  attempts_by_uid.emplace(attempt.attempt_uid, attempts.size());
  attempts.push_back(std::move(attempt));
}

}  // namespace webhook::embedded
