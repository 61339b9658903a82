// SPDX-License-Identifier: LGPL-3.0-or-later
// From the operator's configuration to the options of each part. Pure.
#pragma once

#include <string>

#include "lib/callback_host/host_options.h"
#include "lib/config/config.h"
#include "lib/delivery/engine.h"
#include "lib/net/transport_options.h"
#include "lib/observe/spdlog_event_log.h"

namespace webhook::app {

delivery::EngineOptions EngineOptions(const config::Config& config, const std::string& worker_uid,
                                      const std::string& wake_address);

net::TransportOptions TransportOptions(const config::Config& config);

callback_host::HostOptions CallbackOptions(const config::CallbacksConfig& callbacks);

observe::LogOptions LogOptions(const config::LogConfig& log);

}  // namespace webhook::app
