// SPDX-License-Identifier: LGPL-3.0-or-later
// Every limit of the HTTP server.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/net/ip_address.h"

namespace webhook::net {

struct HttpServerOptions {
  // Numeric, with a port: "127.0.0.1:8080", "[::]:443" (IPv4 too). Port 0: any free one.
  std::string listen;

  // PEM files, both or none; none: plain HTTP. Looked at again when they change, at most each
  // minute.
  std::string tls_certificate_file;
  std::string tls_key_file;

  // Only from these X-Forwarded-For, -Proto and -Host are believed.
  std::vector<Cidr> trusted_proxies;

  std::size_t threads = 2;

  // A further connection takes the place of the one that is idle for longest; when none is idle it
  // is answered 503 and closed.
  std::size_t connections_max = 2000;

  std::size_t head_bytes_max = 16384;   // request line and headers; trailers again
  std::size_t target_bytes_max = 8192;  // path and query
  std::size_t headers_max = 100;        // trailers counted in
  std::size_t body_bytes_max = std::size_t{4} << 20;

  // Of bodies, over all connections, from their first byte until their request is answered.
  std::size_t buffered_bytes_max = std::size_t{64} << 20;
  // Of each body these do not count: whoever fills the memory with large bodies that never end
  // keeps no small one out.
  std::size_t body_bytes_free = std::size_t{16} << 10;

  // From a request's first byte to its last; the TLS handshake; the client's taking of an answer.
  base::Milliseconds request_timeout{30000};

  // For the receiver to answer; then 503.
  base::Milliseconds answer_timeout{60000};

  // Between two requests. A connection that never sent one has the shorter of this and
  // request_timeout.
  base::Milliseconds keep_alive{60000};

  // After the last answer of a connection whose client may still be sending: what it sends is
  // thrown away, so that it sees the answer instead of a reset.
  base::Milliseconds linger_timeout{5000};

  // For requests under way when the server stops.
  base::Milliseconds stop_grace{10000};

  // What a 503 of the server itself says.
  base::Milliseconds retry_after{10000};
};

}  // namespace webhook::net
