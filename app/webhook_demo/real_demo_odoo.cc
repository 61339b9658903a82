// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/real_demo_odoo.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace webhook::demo {
namespace {

using nlohmann::json;

constexpr const char* kPolicy = "bwt.webhook.retry.policy";
constexpr const char* kEndpoint = "bwt.webhook.outbound.endpoint";
constexpr const char* kDelivery = "bwt.webhook.outbound.delivery";
constexpr const char* kAttempt = "bwt.webhook.outbound.delivery.attempt";
constexpr const char* kCodePrefix = "demo-";
constexpr int kPageRowsMax = 1000;

std::string Needed(const EnvValues& env, const std::string& name) {
  const auto found = env.find(name);
  if (found != env.end() && !found->second.empty()) return found->second;
  const bool is_worker = name.starts_with("WORKER_");
  throw std::runtime_error(
      fmt::format("the description of Odoo has no {}{}", name,
                  is_worker ? ": was the database made with the addon webhook_worker?" : ""));
}

std::string AdminOf(const EnvValues& env) {
  const auto login = env.find("ODOO_ADMIN_LOGIN");
  const auto password = env.find("ODOO_ADMIN_PASSWORD");
  if (login == env.end() || password == env.end()) return "an administrator";
  return login->second + ", password " + password->second;
}

// Odoo writes false for a field without a value.
std::string TextAt(const json& row, const char* field) {
  const json& value = row.at(field);
  return value.is_string() ? value.get<std::string>() : "";
}

std::int64_t IdAt(const json& row, const char* field) {
  const json& value = row.at(field);  // [id, name]
  return value.is_array() && !value.empty() ? value[0].get<std::int64_t>() : 0;
}

json PolicyValues(const DemoPolicy& policy) {
  json delays = json::array();
  for (const int seconds : policy.delays_seconds) {
    delays.push_back({0, 0, {{"sequence", delays.size()}, {"value", seconds}, {"unit", "second"}}});
  }
  return {{"name", "Demo: seconds instead of hours"},
          {"delay_ids", delays},
          {"attempts_max", policy.attempts_max},
          {"age_max_seconds", policy.age_max_seconds},
          {"jitter_percent", policy.jitter_percent},
          {"retry_after_max_seconds", policy.retry_after_max_seconds}};
}

json EndpointValues(const DemoEndpoint& endpoint, std::int64_t policy_id, std::int64_t run) {
  return {{"name", "Demo: " + endpoint.code},
          {"code", fmt::format("{}{}-{}", kCodePrefix, endpoint.code, run)},
          {"target_hostname", endpoint.target_hostname},
          {"target_path", endpoint.target_path},
          {"timeout_seconds", endpoint.timeout_seconds},
          {"concurrency_max", endpoint.concurrency_max},
          {"breaker_failures_max", endpoint.breaker_failures_max},
          {"retry_policy_id", policy_id}};
}

AttemptRow AttemptOf(const json& row) {
  AttemptRow attempt{.number = row.at("attempt_number").get<int>(),
                     .outcome = TextAt(row, "outcome"),
                     .status = {},
                     .maybe_delivered = row.at("maybe_delivered").get<bool>(),
                     .error_kind = TextAt(row, "error_kind")};
  const json& status = row.at("response_status_code");
  if (status.is_number_integer() && status != 0) attempt.status = status.get<int>();
  return attempt;
}

// All rows of the domain, by id.
json ReadAll(OdooSession& session, const char* model, const json& domain, const json& fields) {
  json rows = json::array();
  std::int64_t last_id = 0;
  while (true) {
    json page_domain = domain;
    page_domain.push_back({"id", ">", last_id});
    json page = session.Call(model, "search_read",
                             {{"domain", page_domain},
                              {"fields", fields},
                              {"limit", kPageRowsMax},
                              {"order", "id asc"}});
    if (page.empty()) return rows;
    last_id = page.back().at("id").get<std::int64_t>();
    for (json& row : page) rows.push_back(std::move(row));
  }
}

}  // namespace

RealDemoOdoo::RealDemoOdoo(const EnvValues& env, const base::Clock& clock)
    : clock_(clock),
      access_{Needed(env, "ODOO_URL"), Needed(env, "ODOO_DB"), Needed(env, "WORKER_LOGIN"),
              Needed(env, "WORKER_KEY")},
      admin_(AdminOf(env)),
      session_({access_.url, access_.database, Needed(env, "ODOO_ADMIN_KEY")}, clock) {}

std::vector<std::string> RealDemoOdoo::where_to_look() const {
  return {"Odoo      " + access_.url + "/web?db=" + access_.database,
          "          log in as " + admin_ + ", and open the app Webhooks",
          "          Deliveries, Dead Letters: open one, read its attempts, reprocess it",
          "          Endpoints, Demo: flaky, Queue a Test Delivery: watch it arrive"};
}

void RealDemoOdoo::Configure(const DemoPolicy& policy, const std::vector<DemoEndpoint>& endpoints) {
  ArchiveEarlierEndpoints();
  const std::int64_t policy_id = CreatePolicy(policy);
  for (const DemoEndpoint& endpoint : endpoints) CreateEndpoint(endpoint, policy_id);
}

// Their receiver is gone; archived ones hold what is still open.
void RealDemoOdoo::ArchiveEarlierEndpoints() {
  const json domain = {{"code", "=like", std::string(kCodePrefix) + "%"},
                       {"state", "!=", "archived"}};
  const json ids = session_.Call(kEndpoint, "search", {{"domain", domain}});
  if (!ids.empty()) session_.Call(kEndpoint, "action_archive", {{"ids", ids}});
}

std::int64_t RealDemoOdoo::CreatePolicy(const DemoPolicy& policy) {
  const json values = PolicyValues(policy);
  const json domain = json::array({json::array({"name", "=", values["name"]})});
  const json ids = session_.Call(kPolicy, "search", {{"domain", domain}, {"limit", 1}});
  if (!ids.empty()) return ids.at(0).get<std::int64_t>();
  const json created = session_.Call(kPolicy, "create", {{"vals_list", json::array({values})}});
  return created.at(0).get<std::int64_t>();
}

void RealDemoOdoo::CreateEndpoint(const DemoEndpoint& endpoint, std::int64_t policy_id) {
  const std::int64_t run = base::ToUnixMs(clock_.Now()) / 1000;
  const json values = EndpointValues(endpoint, policy_id, run);
  const json created = session_.Call(kEndpoint, "create", {{"vals_list", json::array({values})}});
  const auto id = created.at(0).get<std::int64_t>();
  endpoint_ids_[endpoint.code] = id;
  endpoint_codes_[id] = endpoint.code;
}

std::vector<std::int64_t> RealDemoOdoo::Queue(const std::string& endpoint,
                                              const std::string& payload, int copies) {
  const json ids = session_.Call(
      kEndpoint, "action_queue_test",
      {{"ids", {endpoint_ids_.at(endpoint)}}, {"payload_text", payload}, {"copies", copies}});
  return ids.get<std::vector<std::int64_t>>();
}

std::map<std::string, StateCounts> RealDemoOdoo::Count() {
  const json domain = json::array({json::array({"endpoint_id", "in", EndpointIds()})});
  const json groups = session_.Call(
      kDelivery, "formatted_read_group",
      {{"domain", domain}, {"groupby", {"endpoint_id", "state"}}, {"aggregates", {"__count"}}});
  std::map<std::string, StateCounts> counts;
  for (const json& group : groups) {
    CountState(counts[endpoint_codes_.at(IdAt(group, "endpoint_id"))], TextAt(group, "state"),
               group.at("__count").get<int>());
  }
  return counts;
}

std::vector<DeliveryRow> RealDemoOdoo::Deliveries() {
  std::vector<DeliveryRow> rows;
  const json domain = json::array({json::array({"endpoint_id", "in", EndpointIds()})});
  const json fields = {"delivery_uid", "endpoint_id", "state", "failure_reason"};
  for (const json& row : ReadAll(session_, kDelivery, domain, fields)) {
    rows.push_back({.id = row.at("id").get<std::int64_t>(),
                    .delivery_uid = TextAt(row, "delivery_uid"),
                    .endpoint = endpoint_codes_.at(IdAt(row, "endpoint_id")),
                    .state = TextAt(row, "state"),
                    .failure_reason = TextAt(row, "failure_reason"),
                    .attempts = {}});
  }
  AddAttempts(rows);
  return rows;
}

void RealDemoOdoo::AddAttempts(std::vector<DeliveryRow>& rows) {
  std::unordered_map<std::int64_t, DeliveryRow*> by_id;
  for (DeliveryRow& row : rows) by_id[row.id] = &row;
  const json domain = json::array({json::array({"endpoint_id", "in", EndpointIds()})});
  const json fields = {"delivery_id",          "attempt_number",  "outcome",
                       "response_status_code", "maybe_delivered", "error_kind"};
  for (const json& row : ReadAll(session_, kAttempt, domain, fields)) {
    const auto found = by_id.find(IdAt(row, "delivery_id"));
    if (found != by_id.end()) found->second->attempts.push_back(AttemptOf(row));
  }
}

std::vector<std::int64_t> RealDemoOdoo::EndpointIds() const {
  std::vector<std::int64_t> ids;
  for (const auto& [code, id] : endpoint_ids_) ids.push_back(id);
  return ids;
}

}  // namespace webhook::demo
