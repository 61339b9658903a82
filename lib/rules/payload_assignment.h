// SPDX-License-Identifier: LGPL-3.0-or-later
// Puts a value at a path of a payload. Pure.
#pragma once

#include <optional>
#include <string>

#include "lib/model/value.h"
#include "lib/rules/path.h"

namespace webhook::rules {

// Empty, or why it cannot be put there: "lines[3] is beyond the end of the list". The root may be
// missing: an object is made.
std::optional<std::string> AssignAt(const Path& path, model::Value value, model::Value& root);

}  // namespace webhook::rules
