// SPDX-License-Identifier: LGPL-3.0-or-later
// Odoo as the demo needs it: configured, given work, and asked what became of it. Two do it: the
// double in this process, and a real Odoo. One thread, but for Cancel(). Every method throws
// std::runtime_error with a sentence for people when Odoo does not do as asked.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace webhook::demo {

// What the worker's configuration needs.
struct WorkerAccess {
  std::string url;
  std::string database;
  std::string login;
  std::string key;
};

struct DemoPolicy {
  std::vector<int> delays_seconds = {1, 2, 4};
  int attempts_max = 4;
  int age_max_seconds = 3600;
  int jitter_percent = 10;
  int retry_after_max_seconds = 5;
};

struct DemoEndpoint {
  std::string code;             // unique within the demo
  std::string target_hostname;  // http://127.0.0.1:8080
  std::string target_path;
  int timeout_seconds = 10;
  int concurrency_max = 20;
  // So high that no breaker opens: the dead endpoint's deliveries are to be tried to their end,
  // while somebody watches.
  int breaker_failures_max = 1000;
};

struct StateCounts {
  int waiting = 0;   // queued, never tried
  int sending = 0;   // held by the worker
  int retrying = 0;  // failed, to be tried again
  int done = 0;
  int dead_letters = 0;
  int others = 0;

  int finished() const { return done + dead_letters; }
  int total() const { return waiting + sending + retrying + finished() + others; }
};

struct AttemptRow {
  int number = 0;  // 1..n of its delivery
  std::string outcome;
  std::optional<int> status;  // of the reply; none without one
  bool maybe_delivered = false;
  std::string error_kind;
};

struct DeliveryRow {
  std::int64_t id = 0;
  std::string delivery_uid;  // the webhook-id
  std::string endpoint;      // its code
  std::string state;
  std::string failure_reason;
  std::vector<AttemptRow> attempts;  // by number
};

class DemoOdoo {
 public:
  virtual ~DemoOdoo() = default;

  virtual WorkerAccess worker_access() const = 0;

  // Where a person sees it, and what there is to do: lines for the terminal.
  virtual std::vector<std::string> where_to_look() const = 0;

  // Once, before anything is queued.
  virtual void Configure(const DemoPolicy& policy, const std::vector<DemoEndpoint>& endpoints) = 0;

  // Queues so many deliveries of one payload (JSON text), in one transaction. Their ids.
  virtual std::vector<std::int64_t> Queue(const std::string& endpoint, const std::string& payload,
                                          int copies) = 0;

  // By the endpoint's code.
  virtual std::map<std::string, StateCounts> Count() = 0;

  // All that was queued, by id.
  virtual std::vector<DeliveryRow> Deliveries() = 0;

  // Lets a call that is under way fail soon, and every later one at once. Any thread.
  virtual void Cancel() {}
};

// `state` as Odoo spells it.
void CountState(StateCounts& counts, const std::string& state, int number);

}  // namespace webhook::demo
