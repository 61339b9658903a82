// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/embedded_demo_odoo.h"

#include <fmt/format.h>

#include <unordered_map>

namespace webhook::demo {
namespace {

using embedded::EmbeddedOdoo;

const embedded::Account kWorker{"webhook_worker", "demo-worker-key", true};
constexpr const char* kDatabase = "demo";

embedded::HttpFaceOptions FaceOptions() {
  embedded::HttpFaceOptions options;
  options.database = kDatabase;
  options.accounts = {kWorker};
  return options;
}

embedded::RetryPolicy RetryPolicyOf(const DemoPolicy& from) {
  embedded::RetryPolicy policy;
  policy.name = "Demo";
  policy.delays_seconds.assign(from.delays_seconds.begin(), from.delays_seconds.end());
  policy.attempts_max = from.attempts_max;
  policy.age_max_seconds = from.age_max_seconds;
  policy.jitter_percent = from.jitter_percent;
  policy.retry_after_max_seconds = from.retry_after_max_seconds;
  return policy;
}

embedded::Endpoint EndpointOf(const DemoEndpoint& from, std::int64_t policy_id) {
  embedded::Endpoint endpoint;
  endpoint.code = from.code;
  endpoint.target_hostname = from.target_hostname;
  endpoint.target_path = from.target_path;
  endpoint.timeout_seconds = from.timeout_seconds;
  endpoint.retry_policy_id = policy_id;
  endpoint.concurrency_max = from.concurrency_max;
  endpoint.details_json = fmt::format(
      R"({{"breaker": {{"failures_max": {}, "open_seconds": 30}}}})", from.breaker_failures_max);
  return endpoint;
}

AttemptRow RowOf(const embedded::Attempt& from) {
  return {.number = from.attempt_number,
          .outcome = from.outcome,
          .status = from.response_status_code,
          .maybe_delivered = from.maybe_delivered,
          .error_kind = from.error_kind};
}

}  // namespace

EmbeddedDemoOdoo::EmbeddedDemoOdoo(const base::Clock& clock)
    : odoo_(clock), face_(odoo_, FaceOptions()) {}

WorkerAccess EmbeddedDemoOdoo::worker_access() const {
  return {face_.url(), kDatabase, kWorker.login, kWorker.key};
}

std::vector<std::string> EmbeddedDemoOdoo::where_to_look() const {
  return {"Odoo      " + face_.url() + " is a stand-in without pages;",
          "          scripts/demo.sh --odoo --keep takes a real one"};
}

void EmbeddedDemoOdoo::Configure(const DemoPolicy& policy,
                                 const std::vector<DemoEndpoint>& endpoints) {
  face_.Locked([&](EmbeddedOdoo& odoo) {
    const std::int64_t policy_id = odoo.AddRetryPolicy(RetryPolicyOf(policy));
    for (const DemoEndpoint& endpoint : endpoints) {
      endpoint_ids_[endpoint.code] = odoo.AddEndpoint(EndpointOf(endpoint, policy_id));
    }
  });
}

std::vector<std::int64_t> EmbeddedDemoOdoo::Queue(const std::string& endpoint,
                                                  const std::string& payload, int copies) {
  std::vector<std::int64_t> ids;
  face_.Locked([&](EmbeddedOdoo& odoo) {
    for (int i = 0; i < copies; ++i) {
      ids.push_back(odoo.QueueDelivery(endpoint_ids_.at(endpoint), payload));
    }
  });
  return ids;
}

std::map<std::string, StateCounts> EmbeddedDemoOdoo::Count() {
  std::map<std::string, StateCounts> counts;
  face_.Locked([&](EmbeddedOdoo& odoo) {
    for (const embedded::Delivery& delivery : odoo.deliveries()) {
      CountState(counts[CodeOf(delivery.endpoint_id)], delivery.state, 1);
    }
  });
  return counts;
}

std::vector<DeliveryRow> EmbeddedDemoOdoo::Deliveries() {
  std::vector<DeliveryRow> rows;
  face_.Locked([&](EmbeddedOdoo& odoo) {
    std::unordered_map<std::int64_t, std::vector<AttemptRow>> attempts;
    for (const embedded::Attempt& attempt : odoo.attempts()) {
      attempts[attempt.delivery_id].push_back(RowOf(attempt));
    }
    for (const embedded::Delivery& delivery : odoo.deliveries()) {
      rows.push_back({.id = delivery.id,
                      .delivery_uid = delivery.delivery_uid,
                      .endpoint = CodeOf(delivery.endpoint_id),
                      .state = delivery.state,
                      .failure_reason = delivery.failure_reason,
                      .attempts = std::move(attempts[delivery.id])});
    }
  });
  return rows;
}

std::string EmbeddedDemoOdoo::CodeOf(std::int64_t endpoint_id) const {
  for (const auto& [code, id] : endpoint_ids_) {
    if (id == endpoint_id) return code;
  }
  return "";
}

}  // namespace webhook::demo
