// SPDX-License-Identifier: LGPL-3.0-or-later
// What `webhook-worker check` says about the gateway: without Odoo, and without listening.
#pragma once

#include <string>
#include <vector>

#include "lib/config/config.h"

namespace webhook::app {

struct GatewayReport {
  std::vector<std::string> lines;   // what there is
  std::vector<std::string> errors;  // why a worker would not start, a sentence each
};

// Looks at the certificate, its key and the inbox. Opens an inbox that no worker has open.
GatewayReport CheckGateway(const config::Config& config);

}  // namespace webhook::app
