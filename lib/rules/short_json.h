// SPDX-License-Identifier: LGPL-3.0-or-later
// The beginning of a value as JSON text, for traces: however large the value, little is written and
// little is looked at. Pure and total.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/model/value.h"

namespace webhook::rules {

// A JSON string with its quotes; UTF-8 stays as it is.
void AppendJsonText(std::string& out, std::string_view text);

// Compact JSON of `bytes_max` bytes at most, then "…" when there is more; the word missing when the
// value is.
void AppendShortJson(std::string& out, const model::Value& value, std::size_t bytes_max);

// The text, or its first `bytes_max` bytes without cutting a character, then "…".
std::string Shortened(std::string_view text, std::size_t bytes_max);

}  // namespace webhook::rules
