// SPDX-License-Identifier: LGPL-3.0-or-later
// Filters of templates, a closed list:
//   default("x")       instead of missing and null; "", 0 and false stay
//   upper lower        lib/rules/letter_case.h
//   strip              no white space at the ends
//   replace("a", "b")  every a, from the left
//   date("%d.%m.%Y")   an ISO date or time, or Unix seconds; in UTC; %Y %m %d %H %M %S %%
//   number(2)          that many decimals (0 to 20), halves away from zero, exactly
//   json               as JSON; missing is null
//   length             characters of a text, items of a list, members of an object
//   first last         of a list; of an empty one missing
//   join(", ")         the items of a list as texts
// Missing and null pass through all but default and json. upper, lower, strip and replace take
// numbers and booleans as their text; whatever else does not fit is an error. Pure and total.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/value.h"

namespace webhook::rules {

inline constexpr int kDecimalsMax = 20;

enum class FilterKind {
  kDefault,
  kUpper,
  kLower,
  kStrip,
  kReplace,
  kDate,
  kNumber,
  kJson,
  kLength,
  kFirst,
  kLast,
  kJoin,
};

struct Filter {
  FilterKind kind = FilterKind::kJson;
  std::vector<model::Value> arguments;  // texts and numbers, as many as the filter takes
  int decimals = 0;                     // of number
};

// Checks the name, how many arguments there are and what they are.
base::Result<Filter, std::string> MakeFilter(std::string_view name,
                                             std::vector<model::Value> arguments);

std::string_view NameOf(FilterKind kind);

// The error names the filter and the value. The result is bounded: kRenderedBytesMax of
// lib/rules/template.h.
base::Result<model::Value, std::string> Apply(const Filter& filter, model::Value value);

}  // namespace webhook::rules
