// SPDX-License-Identifier: LGPL-3.0-or-later
// Reads the TOML text of a configuration file into given values. Pure. Never throws.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/config_error.h"
#include "lib/config/given.h"

namespace webhook::config {

struct FileValues {
  bool is_toml = true;                       // false: a syntax error, and nothing else is known
  std::vector<Given> given;                  // of known keys
  std::map<std::string, int> section_lines;  // where each known section starts
  ConfigErrors errors;                       // syntax, unknown sections, unknown keys
};

// `file_name` is only cited.
FileValues ReadFileValues(const std::string& file_name, std::string_view text);

}  // namespace webhook::config
