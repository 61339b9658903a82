// SPDX-License-Identifier: LGPL-3.0-or-later
// From the text of a file and an environment to a checked configuration, or to everything that is
// wrong with them. Start here. Pure but for the reader it is handed; never throws.
#pragma once

#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/config/config.h"
#include "lib/config/config_error.h"
#include "lib/config/environment_values.h"
#include "lib/config/file_reader.h"

namespace webhook::config {

struct ConfigInput {
  std::string file_name;    // as errors cite it; empty: there is no file
  FileText file;            // its text and mode
  Environment environment;  // overrides the file, key by key
  std::string host_name;    // the worker's name by default
  FileReader read_file;     // reads the key file and the certificates, to check them
};

struct ParsedConfig {
  Config config;
  ConfigErrors warnings;
};

using ConfigResult = base::Result<ParsedConfig, ConfigErrors>;

// Errors come in the order of the file's lines, then those without a line, then the environment's.
ConfigResult ParseConfig(const ConfigInput& input);

}  // namespace webhook::config
