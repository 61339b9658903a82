// SPDX-License-Identifier: LGPL-3.0-or-later
// One look at Odoo's configuration, blocking, for the commands that ask and end.
#pragma once

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/config/config.h"
#include "lib/delivery/ports/odoo_client.h"
#include "lib/model/configuration.h"

namespace webhook::app {

using ConfigurationResult = base::Result<model::Configuration, delivery::RpcFault>;

ConfigurationResult FetchConfiguration(const config::Config& config, const base::Clock& clock);

}  // namespace webhook::app
