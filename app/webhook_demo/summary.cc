// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/summary.h"

#include <algorithm>
#include <limits>

namespace webhook::demo {
namespace {

constexpr std::int64_t kSecondMs = 1000;

struct Seen {
  int requests = 0;
  std::optional<std::int64_t> succeeded_at_ms;  // the first time
};

std::unordered_map<std::string, Seen> ByWebhookId(const std::vector<LedgerEntry>& requests) {
  std::unordered_map<std::string, Seen> by_id;
  for (const LedgerEntry& request : requests) {
    Seen& seen = by_id[request.webhook_id];
    ++seen.requests;
    if (request.succeeded() && !seen.succeeded_at_ms) seen.succeeded_at_ms = request.time_ms;
  }
  return by_id;
}

void Add(EndpointSummary& summary, const DeliveryRow& delivery, const Seen& seen) {
  ++summary.queued;
  summary.requests += seen.requests;
  if (delivery.attempts.size() > 1) ++summary.retried;
  if (delivery.state == "done") {
    ++summary.delivered;
  } else if (delivery.state == "dead_letter") {
    ++summary.dead_letters;
  } else {
    ++summary.unfinished;
  }
}

void SetPercentiles(EndpointSummary& summary, const std::vector<std::int64_t>& times_ms) {
  if (times_ms.empty()) return;
  summary.p50_ms = Percentile(times_ms, 50);
  summary.p95_ms = Percentile(times_ms, 95);
}

int BestSecond(const std::vector<LedgerEntry>& requests) {
  std::vector<std::int64_t> times;
  times.reserve(requests.size());
  for (const LedgerEntry& request : requests) times.push_back(request.time_ms);
  std::sort(times.begin(), times.end());
  std::ptrdiff_t best = 0;
  for (auto last = times.begin(), first = times.begin(); last != times.end(); ++last) {
    while (*last - *first >= kSecondMs) ++first;
    best = std::max(best, last - first + 1);
  }
  return static_cast<int>(best);
}

}  // namespace

Summary Summarize(const std::vector<std::string>& endpoints,
                  const std::vector<DeliveryRow>& deliveries,
                  const std::vector<LedgerEntry>& requests, const QueuedTimes& queued) {
  Summary summary;
  summary.total.endpoint = "total";
  summary.requests_per_second_max = BestSecond(requests);
  auto by_id = ByWebhookId(requests);
  std::vector<std::int64_t> all_times;
  for (const std::string& endpoint : endpoints) {
    EndpointSummary& line = summary.endpoints.emplace_back();
    line.endpoint = endpoint;
    std::vector<std::int64_t> times;
    std::int64_t first_queued = std::numeric_limits<std::int64_t>::max();
    std::int64_t last_success = 0;
    for (const DeliveryRow& delivery : deliveries) {
      const auto queued_at = queued.find(delivery.id);
      if (delivery.endpoint != endpoint || queued_at == queued.end()) continue;
      const Seen& seen = by_id[delivery.delivery_uid];
      Add(line, delivery, seen);
      Add(summary.total, delivery, seen);
      if (!seen.succeeded_at_ms) continue;
      times.push_back(std::max<std::int64_t>(*seen.succeeded_at_ms - queued_at->second, 0));
      first_queued = std::min(first_queued, queued_at->second);
      last_success = std::max(last_success, *seen.succeeded_at_ms);
    }
    SetPercentiles(line, times);
    all_times.insert(all_times.end(), times.begin(), times.end());
    if (summary.endpoints.size() == 1 && !times.empty()) {
      summary.healthy_ms = std::max<std::int64_t>(last_success - first_queued, 1);
    }
  }
  SetPercentiles(summary.total, all_times);
  return summary;
}

std::int64_t Percentile(std::vector<std::int64_t> values, int percent) {
  const std::size_t rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace webhook::demo
