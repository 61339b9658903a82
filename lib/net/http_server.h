// SPDX-License-Identifier: LGPL-3.0-or-later
// Our HTTP/1.1 server (RFC 9110, 9112): reads requests strictly and within limits, hands them to
// one receiver, sends its answers. Knows nothing of webhooks; a page of metrics is served by
// another server with another receiver.
//
//   HttpServer (this file)   the threads, and where new connections go
//   Listener                 the socket that accepts
//   ServerLoop               one thread: its connections and their deadlines
//   ServerConnection         one client: handshake, request, answer, the next request, goodbye
//   RequestParser            bytes to request
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/delivery/ports/request_receiver.h"
#include "lib/net/http_server_options.h"

namespace webhook::net {

// Since the start; `connections` and `buffered_bytes` are of now.
struct HttpServerCounts {
  std::uint64_t connections = 0;
  std::uint64_t buffered_bytes = 0;
  std::uint64_t requests = 0;             // handed to the receiver
  std::uint64_t refused_requests = 0;     // answered by the server itself or by OnHead
  std::uint64_t refused_connections = 0;  // too many
};

class HttpServer {
 public:
  // `receiver`, `clock` and `log` outlive it; it calls them on its own threads.
  HttpServer(HttpServerOptions options, delivery::RequestReceiver& receiver,
             const base::Clock& clock, base::EventLog& log);

  // Stops.
  ~HttpServer();

  // Once. Throws std::runtime_error (std::system_error is one) when the address cannot be listened
  // on or the certificate cannot be used.
  void Start();

  // With the real port: "127.0.0.1:41739". After Start.
  const std::string& address() const;
  std::uint16_t port() const;

  // Accepts nothing more, closes idle connections, lets requests under way finish for stop_grace,
  // closes the rest, ends the threads. An answer that comes later is dropped. Again: does nothing.
  void Stop();

  HttpServerCounts counts() const;

 private:
  class Threads;

  const HttpServerOptions options_;
  delivery::RequestReceiver& receiver_;
  const base::Clock& clock_;
  base::EventLog& log_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace webhook::net
