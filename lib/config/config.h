// SPDX-License-Identifier: LGPL-3.0-or-later
// What the worker is told by its configuration file and environment. Plain data; every limit has a
// value here, which is the default that the reference text and the schema show. keys.cc says what
// each key means and which values it takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/event_log.h"
#include "lib/base/secret.h"

namespace webhook::config {

enum class RpcProtocol { kAuto, kJson2, kJsonRpc, kXmlRpc };
enum class LogFormat { kText, kJson };

struct OdooConfig {
  std::string url;  // without a slash at the end
  std::string database;
  std::string login = "webhook_worker";
  base::Secret api_key;      // exactly one of these two is set;
  std::string api_key_file;  // read through MakeKeySource
  RpcProtocol protocol = RpcProtocol::kAuto;
  std::string ca_file;  // PEM; empty: the system's certificates
  int calls_in_flight_max = 2;
  int call_timeout_seconds = 150;
};

struct WorkerConfig {
  std::string name;  // never empty after parsing: the host name by default
  std::string journal = "/var/lib/webhook-worker/journal.sqlite";
  int deliveries_in_flight_max = 1024;
  int claim_batch_max = 500;
  int settle_batch_max = 500;
  int lease_seconds = 300;
  int shutdown_grace_seconds = 20;
};

struct TransportConfig {
  int threads = 2;  // each drives many connections
  int connect_timeout_seconds = 10;
  int response_bytes_max = 1'048'576;
  std::vector<std::string> allow;  // networks, checked by CheckNetwork; empty: public only
  bool plain_http_allowed = false;
  std::string ca_file;  // PEM; empty: the system's certificates
  std::string user_agent_suffix;
  std::string proxy;  // http://host:port; empty: none
  std::string proxy_user;
  std::string proxy_password_file;  // read through ReadSecretFile
  bool proxy_resolves_names = false;
  std::vector<std::string> proxy_bypass;
};

struct SecretsConfig {
  std::string key_file;                        // of `webhook-worker keygen`; empty: none
  std::vector<std::string> old_key_files;      // of keys that were replaced
  std::string env_prefix = "WEBHOOK_SECRET_";  // of variables that env:NAME reaches; empty: none
  std::string directory;                       // of files that file:NAME reaches; empty: none
};

struct WakeConfig {
  std::string listen = "127.0.0.1:0";  // numeric address and port; empty: off
};

struct PollConfig {
  int idle_ms_max = 1'000;        // between claims while no wake-up arrives
  int idle_woken_ms_max = 5'000;  // while they do
};

struct CallbacksConfig {
  std::vector<std::string> libraries;  // absolute paths of shared objects
  int processes_max = 2;               // each runs one callback at a time
};

// The inbound HTTP receiver.
struct GatewayConfig {
  std::string listen;                // numeric address and port; empty: there is no gateway
  std::string tls_certificate_file;  // PEM, with those between it and the authority
  std::string tls_key_file;          // both or none
  bool plain_http_allowed = false;
  std::vector<std::string> trusted_proxies;  // networks, checked by CheckPlainNetwork
  std::string public_url;  // scheme and host, without a slash at the end; empty: as requests say
  int threads = 2;
  int connections_max = 2'000;
  int body_bytes_max = 4'194'304;
  int request_timeout_seconds = 30;  // head and body together
  int keep_alive_seconds = 60;
  int buffered_bytes_max = 67'108'864;  // of all bodies being read
  std::string inbox = "/var/lib/webhook-worker/inbox.sqlite";
  std::int64_t inbox_bytes_max = 1'073'741'824;
  std::int64_t disk_free_bytes_min = 67'108'864;
  int identity_days = 3;
  int source_requests_per_second_max = 500;  // 0: no limit
  int source_failures_per_minute_max = 120;  // 0: no limit
  int rejected_per_minute_max = 30;          // of one endpoint that are kept
};

struct MetricsConfig {
  std::string listen;  // numeric address and port; empty: off
};

struct LogConfig {
  base::Level level = base::Level::kInfo;
  LogFormat format = LogFormat::kText;
  std::string file;  // empty: stderr
};

struct Config {
  OdooConfig odoo;
  WorkerConfig worker;
  TransportConfig transport;
  SecretsConfig secrets;
  WakeConfig wake;
  PollConfig poll;
  CallbacksConfig callbacks;
  GatewayConfig gateway;
  MetricsConfig metrics;
  LogConfig log;
};

}  // namespace webhook::config
