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
  bool paused = false;
  // What the configuration document says besides, a JSON object: rules, field_metadata, direction.
  std::string details_json = {};
};

struct Endpoint {
  std::int64_t id = 0;  // 0: the next free one
  std::string code = {};
  std::string state = "active";
  std::string held_reason = {};  // set by a person: endpoint_paused; by a 410: endpoint_disabled
  std::int64_t handler_id = 0;   // 0: none
  std::string target_hostname = {};  // http://127.0.0.1:8080
  std::string target_path = "/";
  int timeout_seconds = 30;
  std::int64_t retry_policy_id = 1;
  int concurrency_max = 10;
  bool capture_request = true;
  bool capture_response = true;
  int capture_bytes_max = 10000;
  // What the configuration document says besides, a JSON object: rules, signature, limits, ...
  std::string details_json = {};
};

// As it is kept: sealed, or a reference. Sealing is the addon's, so nothing is sealed here.
struct Secret {
  std::int64_t id = 0;           // 0: the next free one
  std::int64_t endpoint_id = 0;  // exactly one of the two
  std::int64_t inbound_endpoint_id = 0;
  std::string purpose = "signing";
  std::string value = {};
  std::int64_t expires_at_ms = 0;  // 0: never
};

struct InboundEndpoint {
  std::int64_t id = 0;  // 0: the next free one
  std::string path = {};
  std::string state = "active";
  std::string held_reason = {};  // set by a person
  std::int64_t handler_id = 0;   // 0: none
  std::int64_t retry_policy_id = 1;
  bool ordered = false;
  // What the configuration document says besides, a JSON object: verification, sources, ...
  std::string details_json = {};
};

// A request that Odoo's own controller answered 202.
struct IntakeRow {
  std::int64_t id = 0;  // 0: the next free one
  std::int64_t endpoint_id = 0;
  std::string event_uid = {};       // empty: a new one
  std::int64_t received_at_ms = 0;  // 0: now
  std::string http_method = "POST";
  std::string request_url = "https://odoo.example/webhooks/in/shop";
  std::string remote_address = {};  // empty: unknown
  Headers headers = {};
  std::string body_base64 = {};
  std::string lease_token = {};  // empty: never claimed
  std::int64_t lease_expires_at_ms = 0;
};

enum class JobKind { kDelivery, kEvent };

// What deliveries and events have in common: a state and a lease.
struct Job {
  Job(JobKind kind_of, std::string first_state) : kind(kind_of), state(std::move(first_state)) {}

  JobKind kind;
  std::int64_t id = 0;  // place in its table, from 1
  std::int64_t endpoint_id = 0;
  std::int64_t handler_id = 0;  // 0: none; the endpoint's when it came
  std::string state;
  std::int64_t next_attempt_at_ms = 0;
  std::string lease_token;  // empty: not leased
  std::int64_t lease_expires_at_ms = 0;
  int lease_count = 0;       // leases that were not given back
  int lease_lost_count = 0;  // in a row
  int attempt_count = 0;  // of deliveries attempt rows, superseded ones too; of events failed tries
  std::string last_settlement_uid, failure_reason, failure_message, failure_key, note;
};

struct File {
  std::string name, filename, content_type, content_base64;
};

struct Delivery : Job {
  Delivery() : Job(JobKind::kDelivery, "queued") {}

  std::string delivery_uid;
  std::string lane;  // empty: unordered
  int priority = 2;  // 1 high, 2 normal, 3 low
  std::string http_method = "post";
  std::string body_mode = "json";
  std::string target_path;  // empty: the endpoint's
  Headers request_headers;
  std::string payload;
  std::vector<File> files;                   // of a multipart body
  bool content_frozen = false;               // it was sent: what follows sends the same
  std::string context_values, field_values;  // JSON objects; empty: none
  std::int64_t queued_at_ms = 0;
  std::int64_t expires_at_ms = 0;  // 0: never
};

struct Event : Job {
  Event() : Job(JobKind::kEvent, "received") {}

  std::string event_uid;
  std::int64_t received_at_ms = 0;
  std::string body_base64;
  Headers headers, query, semantics;
  std::string resolved_values = "{}", field_values = "{}";  // JSON objects
  std::string remote_address, payload, rejection_category, rejection_reason;
  std::vector<File> files;
  std::int64_t duplicate_count = 0;
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

// Kept, never interpreted.
struct Operation {
  JobKind kind;
  std::int64_t job_id;
  std::string settlement_uid;
  std::string json;  // as the settlement had it
};

struct Execution {
  JobKind kind;
  std::int64_t job_id;
  std::string json;
};

struct Probe {
  std::string json;  // as claim hands it out
  bool was_handed_out = false;
  std::string answer_json;  // empty: not answered
};

// What Odoo would say to an operation on a model.
struct Refusal {
  std::string category;  // as in schema/contract/settle.schema.json, or conflict
  std::string message = "The double was told to refuse it.";
};

struct Worker {
  std::int64_t id;
  std::int64_t seen_at_ms = 0;
  std::string public_key = {};   // base64; empty: it showed none
  std::string gateway_url = {};  // empty: it said none
  std::string inbox_json = {};   // as hello had it last; empty: it has no gateway
};

struct Database {
  explicit Database(std::uint64_t seed) : random(seed) {}

  base::SeededRandom random;
  std::string fingerprint;            // 64 hexadecimal digits
  std::string confirmed_fingerprint;  // empty: nobody said hello yet
  bool neutralized = false;
  std::int64_t configuration_revision = 0;
  std::int64_t settlement_number = 0;
  bool company_paused = false;
  std::map<std::string, Worker> workers;  // by worker_uid
  std::string sealing_public_key;         // base64; empty: no key is confirmed
  std::map<std::int64_t, RetryPolicy> retry_policies;
  std::map<std::int64_t, Handler> handlers;
  std::map<std::int64_t, Endpoint> endpoints;
  std::map<std::int64_t, InboundEndpoint> inbound_endpoints;
  std::map<std::int64_t, Secret> secrets;
  std::vector<Delivery> deliveries;
  std::vector<Event> events;
  std::vector<Attempt> attempts;
  std::unordered_map<std::string, std::size_t> attempts_by_uid;
  // Attempts that claim wrote for a lost lease, by delivery and lease token.
  std::map<std::pair<std::int64_t, std::string>, std::size_t> placeholders;
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> identity_keys;  // by endpoint
  std::map<std::string, std::int64_t> event_ids;                               // by event_uid
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> event_keys;     // by endpoint
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> replay_keys;    // by endpoint
  std::map<std::pair<std::int64_t, std::string>, std::int64_t>
      rejected_counts;  // by endpoint and category
  std::map<std::int64_t, IntakeRow> intake;
  std::int64_t last_intake_id = 0;
  std::vector<Operation> operations;  // as they were applied
  std::vector<Execution> executions;
  std::map<std::string, Refusal> refusals;  // by model
  std::map<std::string, Probe> probes;      // by uid
  std::string findings_json;                // the last report that was accepted
  // What the callbacks come to: answers without the envelope, JSON objects.
  std::string python_json = R"({"status": "applied"})";
  std::string read_json = R"({"status": "read", "records": "[]"})";

  // Null when there is none.
  Delivery* FindDelivery(std::int64_t id) { return FindIn(deliveries, id); }
  Event* FindEvent(std::int64_t id) { return FindIn(events, id); }
  Job* FindJob(JobKind kind, std::int64_t id) {
    if (kind == JobKind::kEvent) return FindEvent(id);
    return FindDelivery(id);
  }
  // Nothing leaves a copy or a neutralized database, and nothing of its deliveries changes.
  bool IsHeld() const { return neutralized || fingerprint != confirmed_fingerprint; }
  // Why nothing of the endpoint is handed out; empty when it is.
  template <typename AnyEndpoint>
  std::string HeldReason(const AnyEndpoint& endpoint) const {
    if (endpoint.state != "active") return "endpoint_" + endpoint.state;
    const auto handler = handlers.find(endpoint.handler_id);
    if (!endpoint.held_reason.empty()) return endpoint.held_reason;
    if (handler != handlers.end() && !handler->second.active) return "handler_archived";
    if (handler != handlers.end() && handler->second.paused) return "handler_paused";
    return company_paused ? "company_paused" : "";
  }
  // Whether there is such an endpoint and it is not held.
  bool IsOpen(JobKind kind, std::int64_t endpoint_id) const {
    const auto is_open = [&](const auto& table) {
      const auto endpoint = table.find(endpoint_id);
      return endpoint != table.end() && HeldReason(endpoint->second).empty();
    };
    return kind == JobKind::kEvent ? is_open(inbound_endpoints) : is_open(endpoints);
  }
  // Numbers the attempt and keeps it.
  void AddAttempt(Delivery& delivery, Attempt attempt);

 private:
  template <typename Row>
  static Row* FindIn(std::vector<Row>& rows, std::int64_t id) {
    return id < 1 || id > std::ssize(rows) ? nullptr : &rows[static_cast<std::size_t>(id - 1)];
  }
};

inline bool IsWaiting(const Job& job) {
  return job.state == "queued" || job.state == "received" || job.state == "error";
}
inline bool IsLeased(const Job& job) { return job.state == "processing"; }
inline void Lease(Job& job, const std::string& token, std::int64_t expires_at_ms) {
  job.state = "processing";
  job.lease_token = token;
  job.lease_expires_at_ms = expires_at_ms;
  ++job.lease_count;
}

}  // namespace webhook::embedded
