// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of NAME=value lines in shell syntax, as scripts/odoo_sandbox.sh writes them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace webhook::demo {

using EnvValues = std::map<std::string, std::string>;

// Plain, 'single' and "double" quoted values and backslashes; comments and whatever is no
// assignment are left out. Pure.
EnvValues ParseEnv(std::string_view text);

// Throws std::runtime_error when the file cannot be read.
EnvValues ReadEnvFile(const std::string& path);

}  // namespace webhook::demo
