// SPDX-License-Identifier: LGPL-3.0-or-later
// What the running worker shows of itself: the page of metrics, read when somebody asks, and the
// alarm about its inbox in the log.
#pragma once

#include <functional>
#include <memory>

#include "app/webhook_worker/gateway_parts.h"
#include "app/webhook_worker/metrics_page.h"
#include "lib/base/clock.h"
#include "lib/base/strand.h"
#include "lib/config/config.h"
#include "lib/delivery/engine.h"
#include "lib/journal/sqlite_journal.h"
#include "lib/net/http_server.h"
#include "lib/observe/inbox_alarm.h"
#include "lib/observe/spdlog_event_log.h"

namespace webhook::app {

class WorkerMetrics {
 public:
  // Where the numbers come from. All of it outlives the metrics.
  struct Sources {
    const base::Clock& clock;
    base::Strand& strand;
    observe::SpdlogEventLog& log;
    const journal::SqliteJournal& journal;
    const delivery::Engine& engine;
    const GatewayParts* gateway;  // null: there is none
  };

  // Listens, where the configuration says so. Throws std::runtime_error, which names the setting,
  // when it cannot.
  WorkerMetrics(const config::MetricsConfig& metrics, const Sources& sources);

  // Watches the inbox from now on, until Stop. On the strand, both.
  void Watch();
  void Stop() { stopped_ = true; }

 private:
  observe::WorkerNumbers Numbers() const;  // on the strand: the engine's are
  void Serve(const config::MetricsConfig& metrics);

  const Sources sources_;
  observe::InboxAlarm alarm_;
  bool stopped_ = false;
  MetricsPage page_;
  std::unique_ptr<net::HttpServer> server_;  // null: nobody asks
};

}  // namespace webhook::app
