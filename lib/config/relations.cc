// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/relations.h"

#include <fmt/format.h>

#include "lib/base/assert.h"
#include "lib/config/text_checks.h"

namespace webhook::config {
namespace {

constexpr int kOdooLimitTimeRealSeconds = 120;  // Odoo's default of limit_time_real

const Key& Named(std::string_view section, std::string_view name) {
  const Key* key = FindKey(section, name);
  WEBHOOK_ASSERT(key != nullptr);
  return *key;
}

// A pair of limits of which one must be below the other.
struct Order {
  const Key& lower;
  int lower_value;
  const Key& upper;
  int upper_value;
  bool may_be_equal;
  std::string_view reason;
};

bool Holds(const Order& order) {
  return order.lower_value < order.upper_value ||
         (order.may_be_equal && order.lower_value == order.upper_value);
}

ConfigError Violation(const Order& order, const Origins& origins) {
  const Key& blamed = origins.IsGiven(order.lower) ? order.lower : order.upper;
  return {
      origins.PlaceOf(blamed),
      FullName(blamed),
      {fmt::format("{} is {} and {} is {}", order.lower.name, order.lower_value, order.upper.name,
                   order.upper_value),
       fmt::format("expected {} to be {} {}, {}", order.lower.name,
                   order.may_be_equal ? "at most" : "less than", order.upper.name, order.reason)}};
}

class Findings {
 public:
  explicit Findings(const Origins& origins) : origins_(origins) {}

  void Require(const Order& order) {
    if (origins_.HasFailed(order.lower) || origins_.HasFailed(order.upper)) return;
    if (!Holds(order)) found_.push_back(Violation(order, origins_));
  }

  void AddIf(bool wrong, const Key& key, Complaint complaint) {
    if (!wrong || origins_.HasFailed(key)) return;
    found_.push_back({origins_.PlaceOf(key), FullName(key), std::move(complaint)});
  }

  ConfigErrors Take() { return std::move(found_); }

 private:
  const Origins& origins_;
  ConfigErrors found_;
};

void CheckKeyIsGivenOnce(const Origins& origins, Findings& findings) {
  const Key& inline_key = Named("odoo", "api_key");
  const Key& key_file = Named("odoo", "api_key_file");
  if (origins.HasFailed(inline_key) || origins.HasFailed(key_file)) return;
  const bool both = origins.IsGiven(inline_key) && origins.IsGiven(key_file);
  const bool neither = !origins.IsGiven(inline_key) && !origins.IsGiven(key_file);
  findings.AddIf(both, inline_key,
                 {"is given, and api_key_file too", "expected exactly one of them"});
  findings.AddIf(neither, key_file,
                 {"is missing, and api_key too", "expected " + origins.HowToGive(key_file)});
}

void CheckProxyIsWhole(const TransportConfig& transport, Findings& findings) {
  findings.AddIf(!transport.proxy_user.empty() && transport.proxy.empty(),
                 Named("transport", "proxy_user"),
                 {"is given, but no proxy", "expected proxy = \"http://proxy.example:3128\" too"});
  findings.AddIf(!transport.proxy_password_file.empty() && transport.proxy_user.empty(),
                 Named("transport", "proxy_password_file"),
                 {"is given, but no proxy_user", "expected proxy_user too"});
}

void CheckGatewayIsWhole(const GatewayConfig& gateway, Findings& findings) {
  const bool has_certificate = !gateway.tls_certificate_file.empty();
  const bool has_key = !gateway.tls_key_file.empty();
  findings.AddIf(has_certificate && !has_key, Named("gateway", "tls_certificate_file"),
                 {"is given, but no tls_key_file", "expected both of them, or none"});
  findings.AddIf(has_key && !has_certificate, Named("gateway", "tls_key_file"),
                 {"is given, but no tls_certificate_file", "expected both of them, or none"});
}

// Payloads and passwords of senders in clear on a network: only when somebody said so.
void CheckGatewayIsPrivate(const GatewayConfig& gateway, Findings& findings) {
  const bool is_private = gateway.listen.empty() || IsLoopbackAddress(gateway.listen) ||
                          !gateway.tls_certificate_file.empty() ||
                          !gateway.trusted_proxies.empty() || gateway.plain_http_allowed;
  findings.AddIf(
      !is_private, Named("gateway", "listen"),
      {fmt::format("is {}, which other machines reach, over plain HTTP", Cite(gateway.listen)),
       "expected tls_certificate_file and tls_key_file, or trusted_proxies that do TLS; "
       "or plain_http_allowed = true"});
}

void CheckStoresDiffer(const Config& config, Findings& findings) {
  const GatewayConfig& gateway = config.gateway;
  findings.AddIf(gateway.inbox == config.worker.journal, Named("gateway", "inbox"),
                 {"is the file of worker.journal", "expected a file of its own"});
  const bool is_same = !gateway.listen.empty() && gateway.listen == config.metrics.listen &&
                       !gateway.listen.ends_with(":0");
  findings.AddIf(is_same, Named("metrics", "listen"),
                 {"is the address of gateway.listen", "expected an address of its own"});
}

}  // namespace

ConfigErrors CheckRelations(const Config& config, const Origins& origins) {
  Findings findings(origins);
  CheckKeyIsGivenOnce(origins, findings);
  CheckProxyIsWhole(config.transport, findings);
  CheckGatewayIsWhole(config.gateway, findings);
  CheckGatewayIsPrivate(config.gateway, findings);
  CheckStoresDiffer(config, findings);
  const Key& lease = Named("worker", "lease_seconds");
  findings.Require({Named("worker", "shutdown_grace_seconds"), config.worker.shutdown_grace_seconds,
                    lease, config.worker.lease_seconds, false,
                    "so that a stopping worker still owns what it waits for"});
  findings.Require({Named("transport", "connect_timeout_seconds"),
                    config.transport.connect_timeout_seconds, lease, config.worker.lease_seconds,
                    false, "so that no lease ends while a connection is only being made"});
  findings.Require({Named("poll", "idle_ms_max"), config.poll.idle_ms_max,
                    Named("poll", "idle_woken_ms_max"), config.poll.idle_woken_ms_max, true,
                    "because wake-ups only make polling less urgent"});
  findings.Require({Named("gateway", "body_bytes_max"), config.gateway.body_bytes_max,
                    Named("gateway", "buffered_bytes_max"), config.gateway.buffered_bytes_max, true,
                    "so that one body of that size can be read"});
  return findings.Take();
}

ConfigErrors FindWarnings(const Config& config, const Origins& origins) {
  Findings findings(origins);
  const Key& inline_key = Named("odoo", "api_key");
  findings.AddIf(SendsKeyInClear(config.odoo.url), Named("odoo", "url"),
                 {"sends the API key over plain HTTP to another machine", "better use https"});
  findings.AddIf(HasPath(config.odoo.url), Named("odoo", "url"),
                 {"has a path, which Odoo itself does not know",
                  "right only where a proxy puts Odoo under that path; otherwise leave it out"});
  findings.AddIf(origins.IsGiven(inline_key), inline_key,
                 {"holds the API key itself, which copies and listings may show",
                  "better put it into a file and name that in api_key_file"});
  findings.AddIf(config.secrets.key_file.empty() && !config.secrets.old_key_files.empty(),
                 Named("secrets", "old_key_files"),
                 {"is given, but no key_file",
                  "nothing can be sealed to a new key; name the key in use in key_file"});
  findings.AddIf(!config.metrics.listen.empty() && !IsLoopbackAddress(config.metrics.listen),
                 Named("metrics", "listen"),
                 {fmt::format("is {}, which other machines reach", Cite(config.metrics.listen)),
                  "right only where a firewall or a network of its own keeps strangers away"});
  findings.AddIf(
      config.odoo.call_timeout_seconds <= kOdooLimitTimeRealSeconds,
      Named("odoo", "call_timeout_seconds"),
      {fmt::format("is {}, not more than Odoo's usual limit_time_real of {} seconds",
                   config.odoo.call_timeout_seconds, kOdooLimitTimeRealSeconds),
       "a call that still runs in Odoo may be repeated; better exceed your limit_time_real"});
  findings.AddIf(config.worker.lease_seconds <= config.odoo.call_timeout_seconds,
                 Named("worker", "lease_seconds"),
                 {fmt::format("is {}, not more than call_timeout_seconds of {}",
                              config.worker.lease_seconds, config.odoo.call_timeout_seconds),
                  "a call without an answer may outlive the lease, so that a delivery is sent "
                  "twice; better exceed it"});
  return findings.Take();
}

}  // namespace webhook::config
