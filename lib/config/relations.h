// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks of values against each other, and warnings about values that are allowed but unwise. A key
// that failed its own check is left out of both. Pure.
#pragma once

#include "lib/config/config.h"
#include "lib/config/config_error.h"
#include "lib/config/origins.h"

namespace webhook::config {

ConfigErrors CheckRelations(const Config& config, const Origins& origins);
ConfigErrors FindWarnings(const Config& config, const Origins& origins);

}  // namespace webhook::config
