// SPDX-License-Identifier: LGPL-3.0-or-later
// From the operator's configuration to the options of each part.
#pragma once

#include <string>

#include "lib/callback_host/host_options.h"
#include "lib/config/config.h"
#include "lib/delivery/engine.h"
#include "lib/net/transport_options.h"
#include "lib/observe/spdlog_event_log.h"
#include "lib/secrets/worker_secrets.h"

namespace webhook::app {

delivery::EngineOptions EngineOptions(const config::Config& config, const std::string& worker_uid,
                                      const std::string& wake_address);

// Reads the proxy's password. Throws std::runtime_error when its file cannot be used any more.
net::TransportOptions TransportOptions(const config::Config& config);

secrets::SecretsOptions SecretsOptions(const config::SecretsConfig& secrets);

callback_host::HostOptions CallbackOptions(const config::CallbacksConfig& callbacks);

observe::LogOptions LogOptions(const config::LogConfig& log);

}  // namespace webhook::app
