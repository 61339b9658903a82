// SPDX-License-Identifier: LGPL-3.0-or-later
// Every limit of the HTTP transport.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/net/address_guard.h"
#include "lib/net/connection_pool.h"
#include "lib/net/proxy_options.h"
#include "lib/net/reply_parser.h"
#include "lib/net/request_text.h"

namespace webhook::net {

struct TransportOptions {
  // Exceptions of the address guard; everything internal is refused without one.
  std::vector<AllowRule> allow;

  // http:// is an operator's decision: bodies and signatures then travel in clear.
  bool plain_http_allowed = false;

  // PEM file of authorities to trust instead of the system's; empty for the system's.
  std::string ca_file;

  // TLS contexts of client certificates and custom authorities that are kept ready; those beyond
  // are built anew when they come again, and their idle connections wait for their timeout.
  std::size_t tls_identities_max = 512;

  // Nothing: receivers are dialled directly, whatever the environment says.
  std::optional<ProxyOptions> proxy;

  // Threads that drive connections; each drives many. TLS handshakes are what costs time on them.
  std::size_t io_threads = 2;

  // Requests of one of these threads that hold a connection at the same time; more wait their turn,
  // with their clock running. Descriptors needed: io_threads times this, plus pool.idle_max, plus
  // about twenty.
  std::size_t requests_in_flight_max = 1024;

  std::size_t resolver_threads_max = 16;
  std::size_t addresses_per_name_max = 4;     // tried one after the other
  base::Milliseconds connect_timeout{10000};  // of one address; the total deadline is above it

  PoolLimits pool;
  RequestLimits request;
  ReplyLimits reply;
};

}  // namespace webhook::net
