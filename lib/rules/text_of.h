// SPDX-License-Identifier: LGPL-3.0-or-later
// How a value becomes text, in templates, headers and comparisons of texts. Pure and total.
#pragma once

#include <string>

#include "lib/model/value.h"

namespace webhook::rules {

// A text is itself, a number what was written, true and false their names, missing and null
// nothing; lists and objects are compact JSON.
std::string TextOf(const model::Value& value);

// For messages: the value as JSON, shortened to some 80 characters; "missing" when it is.
std::string Shown(const model::Value& value);

}  // namespace webhook::rules
