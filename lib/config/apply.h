// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks a given value against its key and puts it into the configuration. Pure.
#pragma once

#include <optional>

#include "lib/config/config.h"
#include "lib/config/config_error.h"
#include "lib/config/given.h"

namespace webhook::config {

// What is wrong, or nothing: then the value is in `config`, which is untouched otherwise.
std::optional<Complaint> Apply(const Key& key, const GivenValue& value, Config& config);

}  // namespace webhook::config
