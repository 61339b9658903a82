// SPDX-License-Identifier: LGPL-3.0-or-later
// application/x-www-form-urlencoded (WHATWG URL, section 5): names and values, decoded to bytes. An
// escape that is none stays as it is written. Pure and total.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace webhook::rules {

using FormPairs = std::vector<std::pair<std::string, std::string>>;

// %XX, and + for a blank.
std::string FormDecoded(std::string_view text);

// In their order. Nothing when there are more than `pairs_max`.
std::optional<FormPairs> ParseForm(std::string_view text, std::size_t pairs_max);

}  // namespace webhook::rules
