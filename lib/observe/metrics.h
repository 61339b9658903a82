// SPDX-License-Identifier: LGPL-3.0-or-later
// The numbers of a worker as a page for Prometheus (text format 0.0.4). Pure.
//
// A name ends in its unit; only the result of a request and the version are labels, so that what
// strangers send adds no series.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/time.h"

namespace webhook::observe {

// Requests to the gateway since the worker started, by what they came to.
struct GatewayNumbers {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;     // 4xx for an endpoint of ours
  std::uint64_t unknown = 0;      // 404
  std::uint64_t limited = 0;      // 429
  std::uint64_t unavailable = 0;  // 503
};

// Events that were accepted and are not in Odoo yet.
struct InboxNumbers {
  std::int64_t event_count = 0;
  std::int64_t bytes_used = 0;
  std::int64_t bytes_max = 0;
  std::int64_t set_aside_count = 0;
  std::optional<base::Milliseconds> oldest_age;  // nothing: there is no event
  bool healthy = true;
  std::string failure = {};  // one sentence while it is not; for the log, not for the page
};

struct WorkerNumbers {
  std::string version;
  bool link_ready = false;
  std::int64_t deliveries_in_flight = 0;
  std::int64_t events_outstanding = 0;
  std::int64_t settlements_backlog = 0;
  bool journal_healthy = true;
  std::int64_t journal_bytes_used = 0;
  std::int64_t journal_bytes_max = 0;
  std::uint64_t log_lines_lost = 0;
  std::optional<GatewayNumbers> gateway = std::nullopt;  // nothing: there is none
  std::optional<InboxNumbers> inbox = std::nullopt;
};

// The Content-Type of the page.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

std::string MetricsText(const WorkerNumbers& numbers);

}  // namespace webhook::observe
