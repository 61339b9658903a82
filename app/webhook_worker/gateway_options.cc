// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/gateway_options.h"

#include <algorithm>
#include <chrono>

#include "lib/base/assert.h"

namespace webhook::app {

using base::Milliseconds;
using std::chrono::seconds;

namespace {

// Of one address; a page of numbers needs little.
constexpr std::size_t kMetricsConnectionsMax = 50;
constexpr std::size_t kMetricsBodyBytesMax = 4096;
constexpr Milliseconds kMetricsTimeout{5000};
constexpr Milliseconds kMetricsStopGrace{200};
constexpr Milliseconds kGatewayStopGraceMax{10000};

std::size_t Size(std::int64_t value) { return static_cast<std::size_t>(value); }

}  // namespace

net::HttpServerOptions GatewayServerOptions(const config::Config& config) {
  const config::GatewayConfig& gateway = config.gateway;
  net::HttpServerOptions options;
  options.listen = gateway.listen;
  options.tls_certificate_file = gateway.tls_certificate_file;
  options.tls_key_file = gateway.tls_key_file;
  for (const std::string& text : gateway.trusted_proxies) {
    const auto network = net::Cidr::Parse(text);
    WEBHOOK_ASSERT(network.has_value());  // parsing the configuration has checked it
    options.trusted_proxies.push_back(*network);
  }
  options.threads = Size(gateway.threads);
  options.connections_max = Size(gateway.connections_max);
  options.body_bytes_max = Size(gateway.body_bytes_max);
  options.buffered_bytes_max = Size(gateway.buffered_bytes_max);
  options.request_timeout = seconds(gateway.request_timeout_seconds);
  options.keep_alive = seconds(gateway.keep_alive_seconds);
  options.stop_grace =
      std::min(Milliseconds(seconds(config.worker.shutdown_grace_seconds)), kGatewayStopGraceMax);
  return options;
}

net::HttpServerOptions MetricsServerOptions(const config::MetricsConfig& metrics) {
  net::HttpServerOptions options;
  options.listen = metrics.listen;
  options.threads = 1;
  options.connections_max = kMetricsConnectionsMax;
  options.body_bytes_max = kMetricsBodyBytesMax;
  options.buffered_bytes_max = kMetricsConnectionsMax * kMetricsBodyBytesMax;
  options.request_timeout = kMetricsTimeout;
  options.answer_timeout = kMetricsTimeout;
  options.stop_grace = kMetricsStopGrace;
  return options;
}

inbound::GatewayOptions GatewayOptions(const config::GatewayConfig& gateway) {
  inbound::GatewayOptions options;
  options.body_bytes_max = Size(gateway.body_bytes_max);
  options.public_url = gateway.public_url;
  options.source_limits.requests_per_second_max = gateway.source_requests_per_second_max;
  options.source_limits.failures_per_minute_max = gateway.source_failures_per_minute_max;
  options.rejections.per_minute_max = gateway.rejected_per_minute_max;
  return options;
}

journal::InboxOptions InboxOptions(const config::GatewayConfig& gateway) {
  journal::InboxOptions options;
  options.path = gateway.inbox;
  options.bytes_max = gateway.inbox_bytes_max;
  options.disk_free_bytes_min = gateway.disk_free_bytes_min;
  options.identity_days = gateway.identity_days;
  return options;
}

inbound::ReceptionOptions ReceptionOptions(const config::Config& config,
                                           const std::string& worker_uid) {
  const Milliseconds call_timeout = seconds(config.odoo.call_timeout_seconds);
  inbound::ReceptionOptions options;
  options.gateway_url = config.gateway.listen.empty() ? "" : config.gateway.public_url;
  options.ingest.worker_uid = worker_uid;
  options.ingest.call_timeout = call_timeout;
  options.intake.worker_uid = worker_uid;
  options.intake.call_timeout = call_timeout;
  return options;
}

}  // namespace webhook::app
