// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/embedded_odoo.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/uuid.h"
#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using delivery::ContractMethod;
using nlohmann::json;

constexpr std::pair<ContractMethod, std::string_view> kMethods[] = {
    {ContractMethod::kHello, "hello"},     {ContractMethod::kConfiguration, "configuration"},
    {ContractMethod::kClaim, "claim"},     {ContractMethod::kRenew, "renew"},
    {ContractMethod::kRelease, "release"}, {ContractMethod::kSettle, "settle"}};

delivery::RpcFault Rejected(const std::string& why) {
  return {delivery::RpcFaultKind::kRejected, why};
}

json Dispatch(Database& db, ContractMethod method, const json& request, std::int64_t now_ms) {
  switch (method) {
    case ContractMethod::kHello:
      return Hello(db, request);
    case ContractMethod::kConfiguration:
      return Configuration(db, request);
    case ContractMethod::kClaim:
      return Claim(db, request, now_ms);
    case ContractMethod::kRenew:
      return Renew(db, request, now_ms);
    case ContractMethod::kRelease:
      return Release(db, request);
    case ContractMethod::kSettle:
      return Settle(db, request);
  }
  WEBHOOK_ASSERT(false);
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

}  // namespace

std::string_view MethodName(ContractMethod method) {
  return std::find_if(std::begin(kMethods), std::end(kMethods),
                      [&](const auto& entry) { return entry.first == method; })
      ->second;
}

std::optional<ContractMethod> MethodOfName(std::string_view name) {
  for (const auto& [method, known] : kMethods)
    if (known == name) return method;
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

  if (method == ContractMethod::kSettle && db_.IsHeld())
    return Rejected("This database is neutralized or not confirmed: it takes no settlements.");

  const std::int64_t now_ms = base::ToUnixMs(clock_.Now());
  json answer = Dispatch(db_, method, request, now_ms);
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
  delivery.lane = options.lane;
  delivery.priority = options.priority;
  delivery.http_method = options.http_method;
  delivery.request_headers = options.headers;
  delivery.payload = std::move(payload);
  delivery.queued_at_ms = delivery.next_attempt_at_ms = base::ToUnixMs(clock_.Now());
  return db_.deliveries.emplace_back(std::move(delivery)).id;
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

std::string Database::HeldReason(const Endpoint& endpoint) const {
  if (endpoint.state != "active") return "endpoint_" + endpoint.state;
  const auto handler = handlers.find(endpoint.handler_id);
  if (handler != handlers.end() && !handler->second.active) return "handler_archived";
  return endpoint.held_reason;
}

void Database::AddAttempt(Delivery& delivery, Attempt attempt) {
  attempt.delivery_id = delivery.id;
  attempt.attempt_number = ++delivery.attempt_count;
  attempts_by_uid.emplace(attempt.attempt_uid, attempts.size());
  attempts.push_back(std::move(attempt));
}

}  // namespace webhook::embedded
