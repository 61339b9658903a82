// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/http_server.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "lib/base/assert.h"
#include "lib/net/acceptor.h"
#include "lib/net/byte_budget.h"
#include "lib/net/listener.h"
#include "lib/net/server_loop.h"
#include "lib/net/server_shared.h"
#include "lib/net/tls_server.h"

namespace webhook::net {
namespace {

std::unique_ptr<TlsServer> NewTlsServer(const HttpServerOptions& options, const base::Clock& clock,
                                        base::EventLog& log) {
  const std::string& certificate = options.tls_certificate_file;
  if (certificate.empty() != options.tls_key_file.empty()) {
    throw std::runtime_error("a TLS certificate needs its key, and a key its certificate");
  }
  if (certificate.empty()) return nullptr;
  return std::make_unique<TlsServer>(certificate, options.tls_key_file, clock, log);
}

}  // namespace

class HttpServer::Threads {
 public:
  Threads(const HttpServerOptions& options, delivery::RequestReceiver& receiver,
          const base::Clock& clock, base::EventLog& log);

  void Stop(base::Milliseconds grace);
  HttpServerCounts counts() const;
  const std::string& address() const { return address_; }
  std::uint16_t port() const { return port_; }

 private:
  std::unique_ptr<TlsServer> tls_;
  ByteBudget budget_;
  ServerCounters counters_;
  std::string address_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<ServerLoop>> loops_;
  std::unique_ptr<Acceptor> acceptor_;  // goes before the loops that it gives connections to
};

HttpServer::Threads::Threads(const HttpServerOptions& options, delivery::RequestReceiver& receiver,
                             const base::Clock& clock, base::EventLog& log)
    : tls_(NewTlsServer(options, clock, log)), budget_(options.buffered_bytes_max) {
  auto listener = std::make_unique<Listener>(options.listen);
  address_ = listener->address();
  port_ = listener->port();
  const ServerShared shared{options,    receiver, clock,   log,
                            tls_.get(), address_, budget_, counters_};
  const std::size_t threads = std::max<std::size_t>(options.threads, 1);
  const std::size_t share = (options.connections_max + threads - 1) / threads;
  for (std::size_t i = 0; i < threads; ++i) {
    loops_.push_back(std::make_unique<ServerLoop>(shared, std::max<std::size_t>(share, 1)));
  }
  acceptor_ = std::make_unique<Acceptor>(std::move(listener), loops_, log);
}

void HttpServer::Threads::Stop(base::Milliseconds grace) {
  acceptor_.reset();
  for (const auto& loop : loops_) loop->BeginStopping(grace);
  for (const auto& loop : loops_) loop->Join();
}

HttpServerCounts HttpServer::Threads::counts() const {
  HttpServerCounts counts;
  for (const auto& loop : loops_) counts.connections += loop->connection_count();
  counts.buffered_bytes = budget_.used();
  counts.requests = counters_.requests;
  counts.refused_requests = counters_.refused_requests;
  counts.refused_connections = counters_.refused_connections;
  return counts;
}

HttpServer::HttpServer(HttpServerOptions options, delivery::RequestReceiver& receiver,
                       const base::Clock& clock, base::EventLog& log)
    : options_(std::move(options)), receiver_(receiver), clock_(clock), log_(log) {}

HttpServer::~HttpServer() { Stop(); }

void HttpServer::Start() {
  WEBHOOK_ASSERT(threads_ == nullptr);
  threads_ = std::make_unique<Threads>(options_, receiver_, clock_, log_);
}

const std::string& HttpServer::address() const {
  WEBHOOK_ASSERT(threads_ != nullptr);
  return threads_->address();
}

std::uint16_t HttpServer::port() const {
  WEBHOOK_ASSERT(threads_ != nullptr);
  return threads_->port();
}

void HttpServer::Stop() {
  if (threads_ != nullptr) threads_->Stop(options_.stop_grace);
}

HttpServerCounts HttpServer::counts() const {
  return threads_ == nullptr ? HttpServerCounts() : threads_->counts();
}

}  // namespace webhook::net
