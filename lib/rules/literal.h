// SPDX-License-Identifier: LGPL-3.0-or-later
// Literals are what the user typed: `1.10`, `00123` and `1e5` stay texts, unless the row says JSON.
// Pure and total.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/model/value.h"

namespace webhook::rules {

// A text, or the value of the JSON. The error says where the JSON ends to be one.
base::Result<model::Value, std::string> CompileLiteral(const std::string& typed, bool is_json);

}  // namespace webhook::rules
