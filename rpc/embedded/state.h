// SPDX-License-Identifier: LGPL-3.0-or-later
// The rows of the double's database: plain data, spelled as Odoo stores them (schema/README.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/random.h"

namespace webhook::embedded {

using Headers = std::map<std::string, std::string>;

struct RetryPolicy {
  std::int64_t id = 0;  // 0: the next free one
  std::string name = "Default";
  std::vector<std::int64_t> delays_seconds = {5,     300,   1800,  7200, 18000,
                                              36000, 50400, 72000, 86400};
  int attempts_max = 10;
  std::int64_t age_max_seconds = 432000;
  int jitter_percent = 20;
  std::int64_t retry_after_max_seconds = 86400;
};

struct Handler {
  std::int64_t id = 0;  // 0: the next free one
  std::string code = {};
  std::string execution_mode = "model_driven";
  std::string native_callback = {};
  bool active = true;
};

struct Endpoint {
  std::int64_t id = 0;  // 0: the next free one
  std::string code = {};
  std::string state = "active";
  std::string held_reason = {};      // set by a person: endpoint_paused, company_paused
  std::int64_t handler_id = 0;       // 0: none
  std::string target_hostname = {};  // http://127.0.0.1:8080
  std::string target_path = "/";
  int timeout_seconds = 30;
  std::int64_t retry_policy_id = 1;
  int concurrency_max = 10;
  bool capture_request = true;
  bool capture_response = true;
  int capture_bytes_max = 10000;
};

struct Delivery {
  std::int64_t id = 0;  // place in Database::deliveries, from 1
  std::string delivery_uid;
  std::int64_t endpoint_id = 0;
  std::string lane;  // empty: unordered
  int priority = 2;  // 1 high, 2 normal, 3 low
  std::string http_method = "post";
  Headers request_headers;
  std::string payload;
  std::string state = "queued";
  std::int64_t queued_at_ms = 0;
  std::int64_t next_attempt_at_ms = 0;
  std::string lease_token;  // empty: not leased
  std::int64_t lease_expires_at_ms = 0;
  int lease_count = 0;       // leases that were not given back
  int lease_lost_count = 0;  // in a row
  int attempt_count = 0;     // attempt rows, superseded ones too
  std::string last_settlement_uid, failure_reason, failure_message, failure_key, note;
};

struct Attempt {
  std::string attempt_uid;
  std::int64_t delivery_id = 0;
  int attempt_number = 0;  // 1..n of its delivery
  std::string lease_token, outcome;
  bool superseded = false;
  bool maybe_delivered = false;
  std::int64_t started_at_ms = 0;
  std::int64_t duration_ms = 0;
  std::string http_method, target_url, request_body, response_body, error_kind, error_message;
  Headers request_headers, response_headers;
  std::optional<int> response_status_code;
};

struct Database {
  explicit Database(std::uint64_t seed) : random(seed) {}

  base::SeededRandom random;
  std::string fingerprint;            // 64 hexadecimal digits
  std::string confirmed_fingerprint;  // empty: nobody said hello yet
  bool neutralized = false;
  std::int64_t configuration_revision = 0;
  std::int64_t settlement_number = 0;
  std::map<std::string, std::int64_t> workers;  // worker_uid to id
  std::map<std::int64_t, RetryPolicy> retry_policies;
  std::map<std::int64_t, Handler> handlers;
  std::map<std::int64_t, Endpoint> endpoints;
  std::vector<Delivery> deliveries;
  std::vector<Attempt> attempts;
  std::unordered_map<std::string, std::size_t> attempts_by_uid;
  // Attempts that claim wrote for a lost lease, by delivery and lease token.
  std::map<std::pair<std::int64_t, std::string>, std::size_t> placeholders;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> identity_keys;  // by endpoint

  // Null when there is none.
  Delivery* FindDelivery(std::int64_t id) {
    return id < 1 || id > std::ssize(deliveries) ? nullptr
                                                 : &deliveries[static_cast<std::size_t>(id - 1)];
  }
  // Nothing leaves a copy or a neutralized database, and nothing of its deliveries changes.
  bool IsHeld() const { return neutralized || fingerprint != confirmed_fingerprint; }
  // Why nothing of the endpoint is handed out; empty when it is.
  std::string HeldReason(const Endpoint& endpoint) const;
  // Numbers the attempt and keeps it.
  void AddAttempt(Delivery& delivery, Attempt attempt);
};

inline bool IsWaiting(const Delivery& delivery) {
  return delivery.state == "queued" || delivery.state == "error";
}
inline bool IsLeased(const Delivery& delivery) { return delivery.state == "processing"; }

}  // namespace webhook::embedded
