// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands of webhook-worker, one file each. Each returns the exit code.
#pragma once

#include "lib/config/config.h"

namespace webhook::app {

// Works until SIGTERM or SIGINT.
int RunCommand(const config::Config& config);

// Asks Odoo once and explains every problem; changes nothing.
int CheckCommand(const config::Config& config);

// Makes the database that answers now the one to serve: for a copy that has become the real one.
int ConfirmDatabaseCommand(const config::Config& config);

}  // namespace webhook::app
