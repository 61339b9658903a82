// SPDX-License-Identifier: LGPL-3.0-or-later
// From the configuration to connections with Odoo.
#pragma once

#include <memory>

#include "lib/base/clock.h"
#include "lib/config/config.h"
#include "rpc/connection.h"

namespace webhook::app {

// Precondition: the configuration is a parsed one. The clock outlives it. Throws std::runtime_error
// for a URL that only the network code finds wrong.
std::unique_ptr<rpc::Connection> Connect(const config::OdooConfig& odoo, const base::Clock& clock);

}  // namespace webhook::app
