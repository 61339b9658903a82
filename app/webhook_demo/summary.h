// SPDX-License-Identifier: LGPL-3.0-or-later
// The figures of a finished run, for the final table. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/webhook_demo/demo_odoo.h"
#include "app/webhook_demo/receiver/ledger.h"

namespace webhook::demo {

struct EndpointSummary {
  std::string endpoint;
  int queued = 0;
  int delivered = 0;
  int retried = 0;  // took more than one attempt, however they ended
  int dead_letters = 0;
  int unfinished = 0;
  int requests = 0;  // that the receiver saw
  // From queueing to the request that was answered 2xx.
  std::optional<std::int64_t> p50_ms = {};
  std::optional<std::int64_t> p95_ms = {};
};

struct Summary {
  std::vector<EndpointSummary> endpoints;  // in the order given
  EndpointSummary total;                   // endpoint "total"
  int requests_per_second_max = 0;         // of any second, by the receiver's clock
  std::int64_t healthy_ms = 0;             // from the first one queued to the last 2xx of the first
                                           // endpoint
};

// Unix milliseconds by the delivery's id.
using QueuedTimes = std::unordered_map<std::int64_t, std::int64_t>;

Summary Summarize(const std::vector<std::string>& endpoints,
                  const std::vector<DeliveryRow>& deliveries,
                  const std::vector<LedgerEntry>& requests, const QueuedTimes& queued);

// The smallest value that so many percent do not exceed. Precondition: not empty.
std::int64_t Percentile(std::vector<std::int64_t> values, int percent);

}  // namespace webhook::demo
