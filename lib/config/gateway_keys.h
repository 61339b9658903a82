// SPDX-License-Identifier: LGPL-3.0-or-later
// The keys of [gateway]. Part of the table of keys.cc; nothing else includes it.
#pragma once

#include <array>

#include "lib/config/key_places.h"

namespace webhook::config {

template <auto Member>
constexpr auto GatewayAt = At<&Config::gateway, Member>;

inline constexpr auto kGatewayKeys = std::to_array<Key>({
    {.section = "gateway",
     .name = "listen",
     .slot = Text{GatewayAt<&GatewayConfig::listen>, CheckListenAddress},
     .description = "Numeric address and TCP port where webhooks arrive (POST "
                    "/webhooks/in/<path>): \"127.0.0.1:8080\" behind a proxy on this machine, "
                    "\"0.0.0.0:8443\" with a certificate. Port 0 takes a free one. Empty: none."},
    {.section = "gateway",
     .name = "tls_certificate_file",
     .slot = Text{GatewayAt<&GatewayConfig::tls_certificate_file>, CheckAny},
     .description =
         "The gateway's certificate (PEM), followed by those between it and the "
         "authority. A renewed one needs no restart. Empty: plain HTTP, for a proxy that "
         "does TLS."},
    {.section = "gateway",
     .name = "tls_key_file",
     .slot = Text{GatewayAt<&GatewayConfig::tls_key_file>, CheckAny},
     .description = "The certificate's private key (PEM, without a passphrase), in a file that "
                    "others than its owner and group cannot read."},
    {.section = "gateway",
     .name = "plain_http_allowed",
     .slot = Flag{GatewayAt<&GatewayConfig::plain_http_allowed>},
     .description = "Whether webhooks may arrive over plain HTTP at an address that other "
                    "machines reach, without a proxy in between. Payloads and credentials then "
                    "travel in clear."},
    {.section = "gateway",
     .name = "trusted_proxies",
     .slot = TextList{GatewayAt<&GatewayConfig::trusted_proxies>, CheckPlainNetwork, 256},
     .description = "Networks of the proxies in front: \"127.0.0.1\", \"10.1.2.0/24\". From them, "
                    "and from nobody else, X-Forwarded-For, -Proto and -Host are believed. Empty: "
                    "none."},
    {.section = "gateway",
     .name = "public_url",
     .slot = Text{GatewayAt<&GatewayConfig::public_url>, CheckPublicUrl},
     .description = "How senders reach the gateway, as scheme, host and perhaps port: "
                    "\"https://hooks.example.com\". Shown in Odoo, and part of what some senders "
                    "(Twilio) sign. Empty: as each request says."},
    {.section = "gateway",
     .name = "threads",
     .slot = Whole{GatewayAt<&GatewayConfig::threads>, 1, 16},
     .description = "Threads that read requests and verify them; each serves many connections."},
    {.section = "gateway",
     .name = "connections_max",
     .slot = Whole{GatewayAt<&GatewayConfig::connections_max>, 1, 50'000},
     .description = "Connections of senders at once. One more takes the place of the one that is "
                    "idle for longest; when none is, it is told to come again."},
    {.section = "gateway",
     .name = "body_bytes_max",
     .slot = Whole{GatewayAt<&GatewayConfig::body_bytes_max>, 1'024, 10'485'760},
     .description = "Largest body of a request; a larger one is refused before it is read."},
    {.section = "gateway",
     .name = "request_timeout_seconds",
     .slot = Whole{GatewayAt<&GatewayConfig::request_timeout_seconds>, 1, 600},
     .description = "Time for a sender to bring a whole request, headers and body together."},
    {.section = "gateway",
     .name = "keep_alive_seconds",
     .slot = Whole{GatewayAt<&GatewayConfig::keep_alive_seconds>, 1, 3'600},
     .description = "How long a connection without a request stays open."},
    {.section = "gateway",
     .name = "buffered_bytes_max",
     .slot = Whole{GatewayAt<&GatewayConfig::buffered_bytes_max>, 1'048'576, 1'073'741'824},
     .description = "Memory for all bodies that are being read. Beyond it: 503, come again. Not "
                    "less than body_bytes_max."},
    {.section = "gateway",
     .name = "inbox",
     .slot = Text{GatewayAt<&GatewayConfig::inbox>, CheckJournal},
     .description = "The store (SQLite) of accepted webhooks that are not in Odoo yet, on a local "
                    "disk. One worker, one file."},
    {.section = "gateway",
     .name = "inbox_bytes_max",
     .slot = Large{GatewayAt<&GatewayConfig::inbox_bytes_max>, 16'777'216, 1'099'511'627'776},
     .description = "How large the store may get while Odoo is away. Beyond it: 503, come again."},
    {.section = "gateway",
     .name = "disk_free_bytes_min",
     .slot = Large{GatewayAt<&GatewayConfig::disk_free_bytes_min>, 0, 1'099'511'627'776},
     .description = "Room that the store leaves on its disk, for the worker's journal. Below it: "
                    "503, come again."},
    {.section = "gateway",
     .name = "identity_days",
     .slot = Whole{GatewayAt<&GatewayConfig::identity_days>, 1, 90},
     .description = "How long the gateway itself recognises a webhook that comes again. Odoo does "
                    "so for as long as it keeps the event."},
    {.section = "gateway",
     .name = "source_requests_per_second_max",
     .slot = Whole{GatewayAt<&GatewayConfig::source_requests_per_second_max>, 0, 1'000'000},
     .description = "Requests of one sender's address (of IPv6: its /64) in a second; twice as "
                    "many in a burst. Beyond it: 429. 0: no limit."},
    {.section = "gateway",
     .name = "source_failures_per_minute_max",
     .slot = Whole{GatewayAt<&GatewayConfig::source_failures_per_minute_max>, 0, 1'000'000},
     .description = "Rejected requests of one sender's address in a minute; then 429. 0: no "
                    "limit."},
    {.section = "gateway",
     .name = "rejected_per_minute_max",
     .slot = Whole{GatewayAt<&GatewayConfig::rejected_per_minute_max>, 0, 10'000},
     .description = "Rejected requests of one endpoint in a minute that are kept for "
                    "administrators to look at; those beyond are counted only."},
});

}  // namespace webhook::config
