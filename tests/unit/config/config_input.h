// SPDX-License-Identifier: LGPL-3.0-or-later
// Inputs and texts that the tests of the configuration share.
#pragma once

#include <map>
#include <string>

#include "lib/config/parse_config.h"

namespace webhook::config {

// Files in memory, by path.
FileReader MemoryFiles(std::map<std::string, FileText> files);

// worker.toml with this text; /key (mode 0640) holds an API key, /ca.pem a certificate.
ConfigInput Input(std::string text, Environment environment = {});

// Section [odoo] with everything that is required: lines 1 to 4.
extern const std::string kOdoo;

// "" when the input is valid, else the errors, one a line.
std::string ErrorsOf(const ConfigInput& input);

// The warnings of a valid input, one a line.
std::string WarningsOf(const ConfigInput& input);

// Of a valid input.
Config ConfigOf(const ConfigInput& input);

}  // namespace webhook::config
