// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/engine_options.h"

#include <stdexcept>
#include <utility>

#include "lib/base/assert.h"
#include "lib/config/key_source.h"
#include "lib/config/text_checks.h"

namespace webhook::app {

using base::Milliseconds;
using std::chrono::seconds;

delivery::EngineOptions EngineOptions(const config::Config& config, const std::string& worker_uid,
                                      const std::string& wake_address) {
  const Milliseconds call_timeout = seconds(config.odoo.call_timeout_seconds);
  delivery::EngineOptions options;
  options.link.worker_uid = worker_uid;
  options.link.worker_name = config.worker.name;
  options.link.version = WEBHOOK_VERSION;
  options.link.host = config.worker.name;
  options.link.wake_address = wake_address;
  options.link.call_timeout = call_timeout;
  options.dispatcher.worker_uid = worker_uid;
  options.dispatcher.queues.in_flight_max = config.worker.deliveries_in_flight_max;
  options.dispatcher.queues.window_max = config.worker.claim_batch_max;
  options.dispatcher.claim_batch_max = config.worker.claim_batch_max;
  options.dispatcher.lease = seconds(config.worker.lease_seconds);
  options.dispatcher.call_timeout = call_timeout;
  options.dispatcher.poll_interval = Milliseconds(config.poll.idle_ms_max);
  options.dispatcher.poll_interval_woken = Milliseconds(config.poll.idle_woken_ms_max);
  options.events.worker_uid = worker_uid;
  options.events.claim_batch_max = config.worker.claim_batch_max;
  options.events.endpoint_window_max = config.worker.claim_batch_max;
  options.events.lease = seconds(config.worker.lease_seconds);
  options.events.call_timeout = call_timeout;
  options.events.poll_interval = Milliseconds(config.poll.idle_ms_max);
  options.events.poll_interval_woken = Milliseconds(config.poll.idle_woken_ms_max);
  options.settler.worker_uid = worker_uid;
  options.settler.batch_max = static_cast<std::size_t>(config.worker.settle_batch_max);
  options.settler.call_timeout = call_timeout;
  options.request.user_agent = "OdooWebhookWorker/" WEBHOOK_VERSION;
  if (!config.transport.user_agent_suffix.empty()) {
    options.request.user_agent += ' ' + config.transport.user_agent_suffix;
  }
  options.request.response_bytes_max =
      static_cast<std::size_t>(config.transport.response_bytes_max);
  return options;
}

namespace {

net::ProxyOptions ProxyOptions(const config::TransportConfig& transport) {
  net::ProxyOptions options;
  const config::ProxyAddress address = config::SplitProxy(transport.proxy);
  options.host = std::string(address.host);
  options.port = address.port;
  options.user = transport.proxy_user;
  options.resolves_names = transport.proxy_resolves_names;
  options.bypass = transport.proxy_bypass;
  if (transport.proxy_password_file.empty()) return options;
  auto password =
      config::ReadPasswordFile(transport.proxy_password_file, config::SystemFileReader());
  if (!password.ok()) {
    throw std::runtime_error("transport.proxy_password_file: " + password.error().what);
  }
  options.password = std::move(password).value();
  return options;
}

}  // namespace

net::TransportOptions TransportOptions(const config::Config& config) {
  net::TransportOptions options;
  for (const std::string& text : config.transport.allow) {
    const auto rule = net::ParseAllowRule(text);
    WEBHOOK_ASSERT(rule.has_value());  // parsing the configuration has checked it
    options.allow.push_back(*rule);
  }
  options.plain_http_allowed = config.transport.plain_http_allowed;
  options.ca_file = config.transport.ca_file;
  if (!config.transport.proxy.empty()) options.proxy = ProxyOptions(config.transport);
  options.io_threads = static_cast<std::size_t>(config.transport.threads);
  options.requests_in_flight_max = static_cast<std::size_t>(config.worker.deliveries_in_flight_max);
  options.connect_timeout = seconds(config.transport.connect_timeout_seconds);
  return options;
}

secrets::SecretsOptions SecretsOptions(const config::SecretsConfig& secrets) {
  secrets::SecretsOptions options;
  options.key_file = secrets.key_file;
  options.old_key_files = secrets.old_key_files;
  options.references.env_prefix = secrets.env_prefix;
  options.references.directory = secrets.directory;
  return options;
}

callback_host::HostOptions CallbackOptions(const config::CallbacksConfig& callbacks) {
  callback_host::HostOptions options;
  options.libraries = callbacks.libraries;
  options.processes_max = static_cast<std::size_t>(callbacks.processes_max);
  return options;
}

observe::LogOptions LogOptions(const config::LogConfig& log) {
  observe::LogOptions options;
  options.level = log.level;
  options.format = log.format == config::LogFormat::kJson ? observe::LogFormat::kJson
                                                          : observe::LogFormat::kText;
  options.file = log.file;
  return options;
}

}  // namespace webhook::app
