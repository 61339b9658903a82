// SPDX-License-Identifier: LGPL-3.0-or-later
// One hello to Odoo, blocking, for the commands that ask and end.
#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/config/config.h"
#include "lib/delivery/ports/odoo_client.h"
#include "lib/model/contract.h"

namespace webhook::app {

struct HelloOptions {
  bool check_only = false;          // Odoo answers without registering a worker
  std::string worker_uid;           // empty with check_only
  std::string confirm_fingerprint;  // not empty: make this database the one to serve
};

using HelloResult = base::Result<model::HelloAnswer, delivery::RpcFault>;

HelloResult SayHelloOnce(const config::Config& config, const base::Clock& clock,
                         const HelloOptions& options);

}  // namespace webhook::app
