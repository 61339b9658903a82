// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/worker_metrics.h"

#include <algorithm>
#include <utility>

#include "app/webhook_worker/gateway_options.h"
#include "app/webhook_worker/listen.h"

namespace webhook::app {

using base::Level;
using base::Milliseconds;

namespace {

constexpr Milliseconds kWatchInterval{5000};

observe::GatewayNumbers GatewayNumbers(const inbound::GatewayCounts& counts) {
  return {counts.accepted, counts.duplicates, counts.rejected,
          counts.unknown,  counts.limited,    counts.unavailable};
}

// A clock that was set back makes no event younger than now.
std::optional<Milliseconds> Age(std::optional<base::WallTime> since, base::WallTime now) {
  if (!since) return std::nullopt;
  return std::max(Milliseconds(0), now - *since);
}

observe::InboxNumbers InboxNumbers(const journal::SqliteInbox& inbox, base::WallTime now) {
  const model::InboxState state = inbox.State();
  observe::InboxNumbers numbers;
  numbers.event_count = state.event_count;
  numbers.bytes_used = state.bytes_used;
  numbers.bytes_max = state.bytes_max;
  numbers.set_aside_count = state.set_aside_count;
  numbers.oldest_age = Age(state.oldest_accepted_at, now);
  numbers.healthy = state.healthy;
  numbers.failure = inbox.failure();
  return numbers;
}

}  // namespace

WorkerMetrics::WorkerMetrics(const config::MetricsConfig& metrics, const Sources& sources)
    : sources_(sources), alarm_(sources.log), page_([this](MetricsPage::Collected told) {
        sources_.strand.Post([this, told = std::move(told)] { told(Numbers()); });
      }) {
  if (!metrics.listen.empty()) Serve(metrics);
}

void WorkerMetrics::Serve(const config::MetricsConfig& metrics) {
  server_ = std::make_unique<net::HttpServer>(MetricsServerOptions(metrics), page_, sources_.clock,
                                              sources_.log);
  StartServer(*server_, "metrics.listen");
  sources_.log.Write(Level::kInfo, "metrics.listening", {{"address", server_->address()}});
}

observe::WorkerNumbers WorkerMetrics::Numbers() const {
  const journal::JournalUsage usage = sources_.journal.usage();
  observe::WorkerNumbers numbers;
  numbers.version = WEBHOOK_VERSION;
  numbers.link_ready = sources_.engine.ready();
  numbers.deliveries_in_flight = sources_.engine.in_flight();
  numbers.events_outstanding = static_cast<std::int64_t>(sources_.engine.events_outstanding());
  numbers.settlements_backlog = static_cast<std::int64_t>(sources_.engine.settle_backlog());
  numbers.journal_healthy = sources_.journal.healthy();
  numbers.journal_bytes_used = usage.bytes_used;
  numbers.journal_bytes_max = usage.bytes_max;
  numbers.log_lines_lost = sources_.log.lines_lost();
  if (sources_.gateway == nullptr) return numbers;
  numbers.gateway = GatewayNumbers(sources_.gateway->gateway().counts());
  numbers.inbox = InboxNumbers(sources_.gateway->inbox(), sources_.clock.Now());
  return numbers;
}

void WorkerMetrics::Watch() {
  if (stopped_ || sources_.gateway == nullptr) return;
  alarm_.Check(InboxNumbers(sources_.gateway->inbox(), sources_.clock.Now()),
               sources_.clock.SteadyNow());
  sources_.strand.After(kWatchInterval, [this] { Watch(); });
}

}  // namespace webhook::app
