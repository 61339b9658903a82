// SPDX-License-Identifier: LGPL-3.0-or-later
// Dates for people: %Y %m %d %H %M %S and %% of strftime, in UTC. No locale. Pure and total.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/model/value.h"

namespace webhook::rules {

// Of an ISO date or time as a text (one without a zone is UTC), or of Unix seconds: a number, or a
// text of 9 to 11 digits; fractions are cut off. Empty when it is neither, or beyond the years 1 to
// 9999.
std::optional<std::int64_t> UnixSecondsOf(const model::Value& value);

bool IsDateFormat(std::string_view format);

// Preconditions: a date format; seconds as UnixSecondsOf gives them.
std::string FormatDate(std::string_view format, std::int64_t unix_seconds);

}  // namespace webhook::rules
