// SPDX-License-Identifier: LGPL-3.0-or-later
// From the operator's configuration to the options of the inbound half.
#pragma once

#include <string>

#include "lib/config/config.h"
#include "lib/inbound/gateway.h"
#include "lib/inbound/reception.h"
#include "lib/journal/sqlite_inbox.h"
#include "lib/net/http_server_options.h"

namespace webhook::app {

net::HttpServerOptions GatewayServerOptions(const config::Config& config);
net::HttpServerOptions MetricsServerOptions(const config::MetricsConfig& metrics);

inbound::GatewayOptions GatewayOptions(const config::GatewayConfig& gateway);
journal::InboxOptions InboxOptions(const config::GatewayConfig& gateway);
inbound::ReceptionOptions ReceptionOptions(const config::Config& config,
                                           const std::string& worker_uid);

}  // namespace webhook::app
