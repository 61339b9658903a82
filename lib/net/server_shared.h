// SPDX-License-Identifier: LGPL-3.0-or-later
// What all threads of one HTTP server share. Everything in it is fit for any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/delivery/ports/request_receiver.h"
#include "lib/net/byte_budget.h"
#include "lib/net/http_server_options.h"
#include "lib/net/tls_server.h"

namespace webhook::net {

struct ServerCounters {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> refused_requests = 0;
  std::atomic<std::uint64_t> refused_connections = 0;
};

// All of it outlives the threads.
struct ServerShared {
  const HttpServerOptions& options;
  delivery::RequestReceiver& receiver;
  const base::Clock& clock;
  base::EventLog& log;
  TlsServer* tls;              // null: plain HTTP
  const std::string& address;  // that we listen on
  ByteBudget& budget;
  ServerCounters& counters;
};

}  // namespace webhook::net
