// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/http_session.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>

#include "rpc/watchdog.h"

namespace webhook::rpc {
namespace {

// A connection that idled longer is not used again: proxies close idle ones, and a request that
// meets the closing ends as "unknown" though nobody read it.
constexpr base::Milliseconds kIdleMax{4'000};

std::unique_ptr<httplib::ClientImpl> MakeClient(const ServerUrl& url,
                                                const ConnectionOptions& options) {
  std::unique_ptr<httplib::ClientImpl> client;
  if (url.tls) {
    auto tls_client = std::make_unique<httplib::SSLClient>(url.host, url.port);
    SSL_CTX_set_min_proto_version(tls_client->ssl_context(), TLS1_2_VERSION);
    tls_client->enable_server_certificate_verification(true);
    if (!options.ca_file.empty()) tls_client->set_ca_cert_path(options.ca_file);
    client = std::move(tls_client);
  } else {
    client = std::make_unique<httplib::ClientImpl>(url.host, url.port);
  }
  client->set_follow_location(false);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_url_encode(false);
  client->set_compress(false);
  client->set_decompress(true);
  return client;
}

bool IsBeforeSending(httplib::Error error) {
  using httplib::Error;
  return error == Error::Connection || error == Error::ConnectionTimeout ||
         error == Error::BindIPAddress || error == Error::SSLConnection ||
         error == Error::SSLLoadingCerts || error == Error::SSLServerVerification;
}

std::string WhyNotConnected(httplib::Error error, const std::string& where) {
  using httplib::Error;
  if (error == Error::SSLServerVerification)
    return "the certificate of " + where + " is not trusted";
  if (error == Error::SSLLoadingCerts) return "the CA file cannot be read";
  if (error == Error::SSLConnection) return "no TLS connection to " + where;
  if (error == Error::ConnectionTimeout) return "no connection to " + where + " in time";
  return "no connection to " + where;
}

}  // namespace

class HttpSession::Client {
 public:
  Client(const ServerUrl& url, const ConnectionOptions& options, const base::Clock& clock)
      : where_(HostAndPort(url)),
        connect_timeout_(options.connect_timeout),
        bytes_max_(options.response_bytes_max),
        clock_(clock),
        watchdog_(clock),
        client_(MakeClient(url, options)) {
    client_->set_socket_options([this](socket_t socket) { watchdog_.Watch(socket); });
  }

  HttpOutcome Send(httplib::Request& request, base::SteadyTime deadline) {
    const base::SteadyTime now = clock_.SteadyNow();
    if (now >= deadline) return NotSent("the time was over before the call started");
    SetTimeouts(deadline - now);
    if (now - last_used_ > kIdleMax) client_->stop();

    Exchange exchange;
    Limit(request, exchange);
    auto error = httplib::Error::Success;
    if (watchdog_.Begin(deadline) != Watchdog::Stop::kNone) return NotSent("stopping");
    const bool answered = client_->send(request, exchange.response, error);
    const Watchdog::Stop stop = watchdog_.End();

    last_used_ = clock_.SteadyNow();
    if (client_->is_socket_open() == 0) watchdog_.Forget();
    return Conclude(exchange, answered, error, stop);
  }

  void Cancel() { watchdog_.Cancel(); }

 private:
  struct Exchange {
    httplib::Response response;
    std::string body;
    bool too_large = false;
  };

  void SetTimeouts(base::Milliseconds left) {
    client_->set_connection_timeout(std::min(left, connect_timeout_));
    client_->set_read_timeout(left);
    client_->set_write_timeout(left);
  }

  // The cap holds for the announced length and, with compression, for what comes out of it.
  void Limit(httplib::Request& request, Exchange& exchange) const {
    request.response_handler = [this, &exchange](const httplib::Response& response) {
      const std::string text = response.get_header_value("Content-Length");
      std::size_t announced = 0;
      std::from_chars(text.data(), text.data() + text.size(), announced);
      exchange.too_large = announced > bytes_max_;
      return !exchange.too_large;
    };
    request.content_receiver = [this, &exchange](const char* data, std::size_t size, std::uint64_t,
                                                 std::uint64_t) {
      exchange.too_large = size > bytes_max_ - exchange.body.size();
      if (!exchange.too_large) exchange.body.append(data, size);
      return !exchange.too_large;
    };
  }

  HttpOutcome Conclude(Exchange& exchange, bool answered, httplib::Error error,
                       Watchdog::Stop stop) const {
    if (!answered && IsBeforeSending(error)) {
      return NotSent(stop == Watchdog::Stop::kCanceled ? "stopping"
                                                       : WhyNotConnected(error, where_));
    }
    if (exchange.too_large) {
      return HttpFailure{
          HttpFailureKind::kTooLarge,
          "the answer of " + where_ + " is larger than " + std::to_string(bytes_max_) + " bytes"};
    }
    // Even when the client calls it complete: a body without a length ends where the watchdog cut.
    if (stop == Watchdog::Stop::kCanceled) return NoAnswer("stopping");
    if (stop == Watchdog::Stop::kDeadline)
      return NoAnswer("no whole answer of " + where_ + " in time");
    if (!answered) {
      return NoAnswer("the connection to " + where_ + " broke (" + httplib::to_string(error) + ")");
    }
    return HttpAnswer{exchange.response.status, exchange.response.get_header_value("Content-Type"),
                      exchange.response.get_header_value("Location"), std::move(exchange.body)};
  }

  static HttpFailure NotSent(std::string detail) {
    return HttpFailure{HttpFailureKind::kNotSent, std::move(detail)};
  }
  static HttpFailure NoAnswer(std::string detail) {
    return HttpFailure{HttpFailureKind::kNoAnswer, std::move(detail)};
  }

  const std::string where_;
  const base::Milliseconds connect_timeout_;
  const std::size_t bytes_max_;
  const base::Clock& clock_;
  base::SteadyTime last_used_{};
  Watchdog watchdog_;
  std::unique_ptr<httplib::ClientImpl> client_;  // after the watchdog, which its sockets use
};

HttpSession::HttpSession(ServerUrl url, const ConnectionOptions& options, const base::Clock& clock)
    : url_(std::move(url)),
      clock_(clock),
      client_(std::make_unique<Client>(url_, options, clock)) {}

HttpSession::~HttpSession() = default;

HttpOutcome HttpSession::Send(HttpCall call, base::SteadyTime deadline) {
  httplib::Request request;
  request.method = call.method;
  request.path = JoinPath(url_, call.path);
  request.body = std::move(call.body);
  for (const auto& [name, value] : call.headers) request.headers.emplace(name, value);
  if (!call.content_type.empty()) request.headers.emplace("Content-Type", call.content_type);
  request.headers.emplace("User-Agent", "odoo-webhook-worker");
  return client_->Send(request, deadline);
}

void HttpSession::Cancel() { client_->Cancel(); }

base::SteadyTime HttpSession::DeadlineAfter(base::Milliseconds timeout) const {
  return clock_.SteadyNow() + timeout;
}

}  // namespace webhook::rpc
