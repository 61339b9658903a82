// SPDX-License-Identifier: LGPL-3.0-or-later
// hello and configuration.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rpc/embedded/methods.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

constexpr int kContractVersion = 1;

std::string WakeSecret(const std::string& worker_uid) {
  const std::string key = "the double's database.secret",
                    text = "webhook_worker.wake:" + worker_uid;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  unsigned char base64[2 * EVP_MAX_MD_SIZE];
  const int length = EVP_EncodeBlock(base64, digest, static_cast<int>(size));
  return std::string(base64, base64 + length);
}

json Document(const RetryPolicy& policy) {
  return {{"id", policy.id},
          {"name", policy.name},
          {"delays_seconds", policy.delays_seconds},
          {"attempts_max", policy.attempts_max},
          {"age_max_seconds", policy.age_max_seconds},
          {"jitter_percent", policy.jitter_percent},
          {"retry_after_max_seconds", policy.retry_after_max_seconds}};
}

json Document(const Handler& handler) {
  json document = {{"id", handler.id},        {"code", handler.code},
                   {"name", handler.code},    {"company_id", 1},
                   {"direction", "outbound"}, {"execution_mode", handler.execution_mode},
                   {"active", handler.active}};
  if (!handler.native_callback.empty()) document["native_callback"] = handler.native_callback;
  if (!handler.details_json.empty()) document.update(json::parse(handler.details_json));
  return document;
}

json Document(const Endpoint& endpoint, const std::string& held_reason) {
  json document = {{"id", endpoint.id},
                   {"code", endpoint.code},
                   {"name", endpoint.code},
                   {"company_id", 1},
                   {"state", endpoint.state},
                   {"target_hostname", endpoint.target_hostname},
                   {"target_path", endpoint.target_path},
                   {"timeout_seconds", endpoint.timeout_seconds},
                   {"retry_policy_id", endpoint.retry_policy_id},
                   {"concurrency_max", endpoint.concurrency_max},
                   {"capture_request", endpoint.capture_request},
                   {"capture_response", endpoint.capture_response},
                   {"capture_bytes_max", endpoint.capture_bytes_max}};
  if (!held_reason.empty()) document["held_reason"] = held_reason;
  if (endpoint.handler_id != 0) document["handler_id"] = endpoint.handler_id;
  return document;
}

json Document(const InboundEndpoint& endpoint, const std::string& held_reason) {
  json document = {{"id", endpoint.id},       {"path", endpoint.path},
                   {"name", endpoint.path},   {"company_id", 1},
                   {"state", endpoint.state}, {"retry_policy_id", endpoint.retry_policy_id}};
  if (!held_reason.empty()) document["held_reason"] = held_reason;
  if (endpoint.handler_id != 0) document["handler_id"] = endpoint.handler_id;
  return document;
}

// An archived endpoint stays in the document while it has work.
template <typename AnyEndpoint, typename Row>
json Told(const Database& db, const std::map<std::int64_t, AnyEndpoint>& endpoints,
          const std::vector<Row>& rows) {
  json documents = json::array();
  for (const auto& entry : endpoints) {
    const AnyEndpoint& endpoint = entry.second;
    const bool has_work = std::any_of(rows.begin(), rows.end(), [&endpoint](const Job& job) {
      return job.endpoint_id == endpoint.id && (IsWaiting(job) || IsLeased(job));
    });
    if (endpoint.state != "archived" || has_work)
      documents.push_back(Document(endpoint, db.HeldReason(endpoint)));
  }
  return documents;
}

}  // namespace

json Hello(Database& db, const json& request, std::int64_t /*now_ms*/) {
  const bool compatible = request["contract_version"] == kContractVersion;
  json answer = {{"compatible", compatible},
                 {"contract_version", kContractVersion},
                 {"addon_version", "19.0.1.0.0"},
                 {"odoo_version", "19.0"}};
  if (!compatible) {
    const bool newer = request["contract_version"] > kContractVersion;
    answer["incompatible_message"] = "This addon speaks contract version 1, the worker version " +
                                     request["contract_version"].dump() + ": upgrade the " +
                                     (newer ? "addon." : "worker.");
    return answer;
  }
  answer["limits"] = {{"claim_batch_max", 1000},
                      {"settle_batch_max", 1000},
                      {"lease_seconds_max", 3600},
                      {"calls_in_flight_max", 2}};
  if (request.contains("options") && request["options"].value("check_only", false)) return answer;
  if (db.confirmed_fingerprint.empty() ||
      request.value("confirm_fingerprint", "") == db.fingerprint)
    db.confirmed_fingerprint = db.fingerprint;
  const auto next_id = static_cast<std::int64_t>(db.workers.size()) + 1;
  answer["worker_id"] = db.workers.try_emplace(request["worker_uid"], next_id).first->second;
  answer["wake_secret"] = WakeSecret(request["worker_uid"]);
  return answer;
}

json Configuration(Database& db, const json& request, std::int64_t /*now_ms*/) {
  if (request.value("known_revision", std::int64_t{-1}) == db.configuration_revision)
    return {{"unchanged", true}};
  json document = {{"revision", db.configuration_revision},
                   {"handlers", json::array()},
                   {"endpoints", Told(db, db.endpoints, db.deliveries)},
                   {"inbound_endpoints", Told(db, db.inbound_endpoints, db.events)},
                   {"retry_policies", json::array()}};
  for (const auto& [id, policy] : db.retry_policies)
    document["retry_policies"].push_back(Document(policy));
  for (const auto& [id, handler] : db.handlers) document["handlers"].push_back(Document(handler));
  return {{"unchanged", false}, {"configuration", document}};
}

json ReportFindings(Database& db, const json& request, std::int64_t /*now_ms*/) {
  const bool accepted =
      request["configuration_revision"] == db.configuration_revision && !db.IsHeld();
  if (accepted) db.findings_json = request.dump();
  return {{"accepted", accepted}};
}

}  // namespace webhook::embedded
