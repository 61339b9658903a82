// SPDX-License-Identifier: LGPL-3.0-or-later
// The keys of every section but [gateway]. Part of the table of keys.cc; nothing else includes it.
#pragma once

#include <array>
#include <string_view>

#include "lib/config/key_places.h"
#include "lib/config/network.h"

namespace webhook::config {

inline constexpr std::array<std::string_view, 4> kProtocols = {"auto", "json2", "jsonrpc",
                                                               "xmlrpc"};
inline constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
inline constexpr std::array<std::string_view, 2> kFormats = {"text", "json"};

template <auto Member>
constexpr auto OdooAt = At<&Config::odoo, Member>;
template <auto Member>
constexpr auto WorkerAt = At<&Config::worker, Member>;
template <auto Member>
constexpr auto TransportAt = At<&Config::transport, Member>;
template <auto Member>
constexpr auto SecretsAt = At<&Config::secrets, Member>;
template <auto Member>
constexpr auto WakeAt = At<&Config::wake, Member>;
template <auto Member>
constexpr auto PollAt = At<&Config::poll, Member>;
template <auto Member>
constexpr auto CallbacksAt = At<&Config::callbacks, Member>;
template <auto Member>
constexpr auto MetricsAt = At<&Config::metrics, Member>;
template <auto Member>
constexpr auto LogAt = At<&Config::log, Member>;

inline constexpr auto kOutboundKeys = std::to_array<Key>({
    {.section = "odoo",
     .name = "url",
     .slot = Text{OdooAt<&OdooConfig::url>, CheckOdooUrl},
     .description =
         "Where Odoo answers: scheme, host and port; a path only where a proxy puts Odoo "
         "under one.",
     .example = "\"https://odoo.example.com\"",
     .required = true},
    {.section = "odoo",
     .name = "database",
     .slot = Text{OdooAt<&OdooConfig::database>, CheckNotEmpty},
     .description = "The name of the database.",
     .example = "\"production\"",
     .required = true},
    {.section = "odoo",
     .name = "login",
     .slot = Text{OdooAt<&OdooConfig::login>, CheckNotEmpty},
     .description = "The user that the addon creates for workers."},
    {.section = "odoo",
     .name = "api_key",
     .slot = SecretText{OdooAt<&OdooConfig::api_key>, CheckApiKey},
     .description = "The API key itself. Better leave it out and use api_key_file.",
     .example = "\"0123456789abcdef0123456789abcdef01234567\""},
    {.section = "odoo",
     .name = "api_key_file",
     .slot = Text{OdooAt<&OdooConfig::api_key_file>, CheckNotEmpty},
     .description = "A file that holds nothing but the API key and that others than its owner "
                    "and group cannot read. It is read again when Odoo refuses the key. Exactly "
                    "one of api_key and api_key_file must be given.",
     .example = "\"/etc/webhook-worker/api_key\""},
    {.section = "odoo",
     .name = "protocol",
     .slot = ChoiceAt<&Config::odoo, &OdooConfig::protocol>(kProtocols),
     .description = "How Odoo is called. auto takes the best that the server speaks."},
    {.section = "odoo",
     .name = "ca_file",
     .slot = Text{OdooAt<&OdooConfig::ca_file>, CheckAny},
     .description = "Certificates (PEM) to trust for Odoo instead of the system's. Empty: the "
                    "system's."},
    {.section = "odoo",
     .name = "calls_in_flight_max",
     .slot = Whole{OdooAt<&OdooConfig::calls_in_flight_max>, 1, 16},
     .description = "Calls that may be under way in Odoo at once. Each occupies one of Odoo's "
                    "processes."},
    {.section = "odoo",
     .name = "call_timeout_seconds",
     .slot = Whole{OdooAt<&OdooConfig::call_timeout_seconds>, 5, 3'600},
     .description = "After this time without an answer a call counts as lost and is repeated. "
                    "Should exceed Odoo's limit_time_real (120 s by default), or calls that still "
                    "run are repeated."},
    {.section = "worker",
     .name = "name",
     .slot = Text{WorkerAt<&WorkerConfig::name>, CheckWorkerName},
     .description = "What Odoo shows this worker as. Empty: the host's name."},
    {.section = "worker",
     .name = "journal",
     .slot = Text{WorkerAt<&WorkerConfig::journal>, CheckJournal},
     .description = "The worker's own store (SQLite), on a local disk. One worker, one file."},
    {.section = "worker",
     .name = "deliveries_in_flight_max",
     .slot = Whole{WorkerAt<&WorkerConfig::deliveries_in_flight_max>, 1, 10'000},
     .description = "Deliveries that this worker may hold at once."},
    {.section = "worker",
     .name = "claim_batch_max",
     .slot = Whole{WorkerAt<&WorkerConfig::claim_batch_max>, 1, 1'000},
     .description = "Deliveries that one claim may bring."},
    {.section = "worker",
     .name = "settle_batch_max",
     .slot = Whole{WorkerAt<&WorkerConfig::settle_batch_max>, 1, 1'000},
     .description = "Results that one settle call may carry."},
    {.section = "worker",
     .name = "lease_seconds",
     .slot = Whole{WorkerAt<&WorkerConfig::lease_seconds>, 10, 3'600},
     .description = "How long a claimed delivery is this worker's. When the worker dies, another "
                    "takes over after this time."},
    {.section = "worker",
     .name = "shutdown_grace_seconds",
     .slot = Whole{WorkerAt<&WorkerConfig::shutdown_grace_seconds>, 0, 600},
     .description = "How long a stopping worker waits for requests under way. Must be less than "
                    "lease_seconds, and less than the service manager's time to kill."},
    {.section = "transport",
     .name = "threads",
     .slot = Whole{TransportAt<&TransportConfig::threads>, 1, 64},
     .description = "Threads that drive the connections to receivers; each drives many. More help "
                    "only when TLS handshakes keep them busy."},
    {.section = "transport",
     .name = "connect_timeout_seconds",
     .slot = Whole{TransportAt<&TransportConfig::connect_timeout_seconds>, 1, 60},
     .description = "Time to connect to a receiver. The time of the whole exchange is the "
                    "endpoint's, in Odoo."},
    {.section = "transport",
     .name = "response_bytes_max",
     .slot = Whole{TransportAt<&TransportConfig::response_bytes_max>, 1'024, 67'108'864},
     .description = "Bytes of a reply's body that are read; the rest is cut off."},
    {.section = "transport",
     .name = "allow",
     .slot = TextList{TransportAt<&TransportConfig::allow>, CheckNetwork, 256},
     .description = "Networks that may be reached although they are not public, each with "
                    "optional ports: \"127.0.0.0/8\", \"10.1.2.0/24:443,8000-8999\", "
                    "\"[fd00::/8]:8443\". Empty: public addresses only."},
    {.section = "transport",
     .name = "plain_http_allowed",
     .slot = Flag{TransportAt<&TransportConfig::plain_http_allowed>},
     .description = "Whether endpoints may have http URLs. Bodies and signatures then travel in "
                    "clear."},
    {.section = "transport",
     .name = "ca_file",
     .slot = Text{TransportAt<&TransportConfig::ca_file>, CheckAny},
     .description = "Certificates (PEM) to trust for receivers instead of the system's. Empty: "
                    "the system's."},
    {.section = "transport",
     .name = "user_agent_suffix",
     .slot = Text{TransportAt<&TransportConfig::user_agent_suffix>, CheckUserAgentSuffix},
     .description = "Added to the User-Agent header, for example a contact address."},
    {.section = "transport",
     .name = "proxy",
     .slot = Text{TransportAt<&TransportConfig::proxy>, CheckProxy},
     .description =
         "A proxy through which receivers are reached: http://proxy.example:3128. Empty: "
         "none; proxies of the environment are never used."},
    {.section = "transport",
     .name = "proxy_user",
     .slot = Text{TransportAt<&TransportConfig::proxy_user>, CheckProxyUser},
     .description = "Who the worker is to the proxy. Empty: it does not say."},
    {.section = "transport",
     .name = "proxy_password_file",
     .slot = Text{TransportAt<&TransportConfig::proxy_password_file>, CheckAny},
     .description = "A file that holds nothing but the password of proxy_user and that others than "
                    "its owner and group cannot read."},
    {.section = "transport",
     .name = "proxy_resolves_names",
     .slot = Flag{TransportAt<&TransportConfig::proxy_resolves_names>},
     .description = "Where only the proxy can resolve names: it gets them as they are, and it, not "
                    "the worker, must refuse internal addresses."},
    {.section = "transport",
     .name = "proxy_bypass",
     .slot = TextList{TransportAt<&TransportConfig::proxy_bypass>, CheckProxyBypass, 100},
     .description = "Receivers that are reached without the proxy: \"shop.example\", "
                    "\".example.org\" (every host below it), \"10.1.2.0/24\" (URLs with such an "
                    "address)."},
    {.section = "secrets",
     .name = "key_file",
     .slot = Text{SecretsAt<&SecretsConfig::key_file>, CheckAny},
     .description =
         "The private key that webhook-worker keygen made, in a file that only its owner "
         "can read. All workers of a database share it. Empty: none, and sealed secrets "
         "cannot be opened."},
    {.section = "secrets",
     .name = "old_key_files",
     .slot = TextList{SecretsAt<&SecretsConfig::old_key_files>, CheckNotEmpty, 16},
     .description =
         "Private keys that were replaced, until all secrets are sealed to the new one."},
    {.section = "secrets",
     .name = "env_prefix",
     .slot = Text{SecretsAt<&SecretsConfig::env_prefix>, CheckVariablePrefix},
     .description = "Variables of the worker's environment that a secret env:NAME may name begin "
                    "with this. Empty: none."},
    {.section = "secrets",
     .name = "directory",
     .slot = Text{SecretsAt<&SecretsConfig::directory>, CheckDirectory},
     .description = "The directory whose files a secret file:NAME may name. Empty: none."},
    {.section = "wake",
     .name = "listen",
     .slot = Text{WakeAt<&WakeConfig::listen>, CheckWakeAddress},
     .description = "Numeric address and UDP port where wake-ups arrive; port 0 takes a free "
                    "one. Empty: none, the worker only polls."},
    {.section = "poll",
     .name = "idle_ms_max",
     .slot = Whole{PollAt<&PollConfig::idle_ms_max>, 50, 60'000},
     .description = "Longest time between two claims while no wake-ups arrive."},
    {.section = "poll",
     .name = "idle_woken_ms_max",
     .slot = Whole{PollAt<&PollConfig::idle_woken_ms_max>, 50, 60'000},
     .description = "Longest time between two claims while wake-ups arrive. Not less than "
                    "idle_ms_max."},
    {.section = "callbacks",
     .name = "libraries",
     .slot = TextList{CallbacksAt<&CallbacksConfig::libraries>, CheckLibrary, 64},
     .description = "Shared objects with callbacks, as absolute paths. Each, and the directory it "
                    "is in, must belong to root or to the worker's user, and nobody else may be "
                    "able to write to it."},
    {.section = "callbacks",
     .name = "processes_max",
     .slot = Whole{CallbacksAt<&CallbacksConfig::processes_max>, 1, 64},
     .description = "Processes that run callbacks, each one at a time. They are started when there "
                    "is something to run."},
    {.section = "metrics",
     .name = "listen",
     .slot = Text{MetricsAt<&MetricsConfig::listen>, CheckListenAddress},
     .description = "Numeric address and TCP port where Prometheus finds GET /metrics, and others "
                    "GET /healthz: \"127.0.0.1:9464\". Anybody who reaches it may read it. Empty: "
                    "none."},
    {.section = "log",
     .name = "level",
     .slot = ChoiceAt<&Config::log, &LogConfig::level>(kLevels),
     .description = "The least important events that are still written."},
    {.section = "log",
     .name = "format",
     .slot = ChoiceAt<&Config::log, &LogConfig::format>(kFormats),
     .description = "Lines for people, or one JSON object a line."},
    {.section = "log",
     .name = "file",
     .slot = Text{LogAt<&LogConfig::file>, CheckAny},
     .description = "A file to append to. Empty: standard error."},
});

}  // namespace webhook::config
