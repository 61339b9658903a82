// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads WEBHOOK_WORKER_<SECTION>_<KEY> variables into given values. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/config/config_error.h"
#include "lib/config/given.h"

namespace webhook::config {

using Environment = std::map<std::string, std::string>;

struct EnvironmentValues {
  std::vector<Given> given;
  ConfigErrors errors;
};

// A variable that looks like one of ours and is not is an error: it has the prefix, and a known
// section or a name near to a known one. Others with the prefix are left alone, because container
// managers invent such names (WEBHOOK_WORKER_SERVICE_HOST). Lists are separated by commas.
EnvironmentValues ReadEnvironmentValues(const Environment& environment);

}  // namespace webhook::config
