// SPDX-License-Identifier: LGPL-3.0-or-later
// Blanks around what people and forms send: "12.50 ". Pure.
#pragma once

#include <string_view>

namespace webhook::rules {

constexpr std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace webhook::rules
