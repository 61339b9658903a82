// SPDX-License-Identifier: LGPL-3.0-or-later
// What a worker with a gateway has beside the engine: the inbox, what judges requests, and the HTTP
// server that brings them.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/random.h"
#include "lib/base/strand.h"
#include "lib/config/config.h"
#include "lib/inbound/gateway.h"
#include "lib/journal/sqlite_inbox.h"
#include "lib/net/http_server.h"

namespace webhook::app {

class GatewayParts {
 public:
  // Opens the inbox. All of it outlives the parts. Throws when the inbox cannot be had.
  GatewayParts(const config::Config& config, base::Clock& clock, base::Random& random,
               base::EventLog& log, base::Strand& strand);
  ~GatewayParts();
  GatewayParts(const GatewayParts&) = delete;
  GatewayParts& operator=(const GatewayParts&) = delete;

  // Once whoever publishes the book is there. Throws std::runtime_error, which names the setting,
  // when the address cannot be listened at or the certificate cannot be used.
  void Listen();

  // Accepts nothing more, on a thread of its own: requests under way get their time. Once.
  void BeginStop();

  delivery::Inbox& inbox() { return inbox_; }
  const journal::SqliteInbox& inbox() const { return inbox_; }
  inbound::Gateway& gateway() { return gateway_; }
  const inbound::Gateway& gateway() const { return gateway_; }

 private:
  base::EventLog& log_;
  const bool has_tls_;
  journal::SqliteInbox inbox_;
  inbound::Gateway gateway_;
  net::HttpServer server_;
  std::thread stopping_;
};

}  // namespace webhook::app
