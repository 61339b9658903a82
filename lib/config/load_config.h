// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads the configuration file and everything it names. Blocking; before threads are started.
#pragma once

#include <string>

#include "lib/config/environment_values.h"
#include "lib/config/parse_config.h"

namespace webhook::config {

// `path` empty: the environment alone. Relative paths are those of the working directory.
ConfigResult LoadConfig(const std::string& path, const Environment& environment);

// From the third parameter of main, or `environ`: an array of NAME=VALUE that ends with nullptr.
Environment ReadEnvironment(const char* const* variables);

}  // namespace webhook::config
