// SPDX-License-Identifier: LGPL-3.0-or-later
// hello, configuration, reseal.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/base64.h"
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

json Document(const Secret& secret) {
  json document = {{"id", secret.id}, {"purpose", secret.purpose}, {"value", secret.value}};
  if (secret.expires_at_ms != 0) document["expires_at_ms"] = secret.expires_at_ms;
  return document;
}

void AddSecrets(json& document, const Database& db, std::int64_t Secret::*owner,
                std::int64_t owner_id) {
  for (const auto& entry : db.secrets)
    if (entry.second.*owner == owner_id) document["secrets"].push_back(Document(entry.second));
}

json Document(const Database& db, const Endpoint& endpoint) {
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
  AddSecrets(document, db, &Secret::endpoint_id, endpoint.id);
  if (!endpoint.details_json.empty()) document.update(json::parse(endpoint.details_json));
  return document;
}

json Document(const Database& db, const InboundEndpoint& endpoint) {
  json document = {{"id", endpoint.id},       {"path", endpoint.path},
                   {"name", endpoint.path},   {"company_id", 1},
                   {"state", endpoint.state}, {"retry_policy_id", endpoint.retry_policy_id}};
  if (endpoint.ordered) document["ordered"] = true;
  AddSecrets(document, db, &Secret::inbound_endpoint_id, endpoint.id);
  if (!endpoint.details_json.empty()) document.update(json::parse(endpoint.details_json));
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
    if (endpoint.state == "archived" && !has_work) continue;
    json document = Document(db, endpoint);
    if (const auto reason = db.HeldReason(endpoint); !reason.empty())
      document["held_reason"] = reason;
    if (endpoint.handler_id != 0) document["handler_id"] = endpoint.handler_id;
    documents.push_back(std::move(document));
  }
  return documents;
}

// The first 8 bytes of SHA-256 of a public key in base64.
std::string KeyId(const std::string& public_key) {
  constexpr std::size_t kBytes = 8;
  const std::string bytes = base::DecodeBase64(public_key).value_or("");
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr);
  return std::string(digest, digest + kBytes);
}

// Whether it is a sealed secret whose key id is that of the public key.
bool IsSealedTo(const std::string& value, const std::string& public_key) {
  constexpr std::string_view kStart = "sealed:1:";
  if (!value.starts_with(kStart) || public_key.empty()) return false;
  return base::DecodeBase64(value.substr(kStart.size()))
      .value_or("")
      .starts_with(KeyId(public_key));
}

}  // namespace

json Hello(Database& db, const json& request, std::int64_t now_ms) {
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
  if (!db.sealing_public_key.empty()) answer["sealing_public_key"] = db.sealing_public_key;
  if (request.contains("options") && request["options"].value("check_only", false)) return answer;
  if (db.confirmed_fingerprint.empty() ||
      request.value("confirm_fingerprint", "") == db.fingerprint)
    db.confirmed_fingerprint = db.fingerprint;
  const auto next_id = static_cast<std::int64_t>(db.workers.size()) + 1;
  Worker& worker = db.workers.try_emplace(request["worker_uid"], Worker{next_id}).first->second;
  worker.seen_at_ms = now_ms;
  worker.public_key = request.value("public_key", worker.public_key);
  worker.gateway_url = request.value("gateway_url", "");
  worker.inbox_json = request.contains("inbox") ? request["inbox"].dump() : "";
  answer["worker_id"] = worker.id;
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

json Reseal(Database& db, const json& request, std::int64_t /*now_ms*/) {
  json resealed = json::array();
  for (const json& item : request["secrets"]) {
    const auto secret = db.secrets.find(item["id"]);
    if (secret == db.secrets.end() || secret->second.value != item["previous_value"] ||
        !IsSealedTo(item["value"], db.sealing_public_key))
      continue;
    secret->second.value = item["value"];
    resealed.push_back(item["id"]);
  }
  db.configuration_revision += resealed.empty() ? 0 : 1;
  return {{"resealed_ids", resealed}};
}

json ReportFindings(Database& db, const json& request, std::int64_t /*now_ms*/) {
  const bool accepted =
      request["configuration_revision"] == db.configuration_revision && !db.IsHeld();
  if (accepted) db.findings_json = request.dump();
  return {{"accepted", accepted}};
}

}  // namespace webhook::embedded
