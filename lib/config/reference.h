// SPDX-License-Identifier: LGPL-3.0-or-later
// The configuration reference: a commented TOML text with every key and its default, printed from
// the table of keys. It is itself a valid configuration once the key file exists. Pure.
#pragma once

#include <string>

namespace webhook::config {

std::string ConfigReference();

}  // namespace webhook::config
