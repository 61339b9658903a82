// SPDX-License-Identifier: LGPL-3.0-or-later
// What may stand in an HTTP header (RFC 9110, sections 5.5 and 5.6.2). Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace webhook::base {

constexpr bool IsHeaderNameCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// A token: not empty.
constexpr bool IsHeaderName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsHeaderNameCharacter);
}

// One line: no control but tab, and no blank around it, which receivers would strip.
constexpr bool IsHeaderValue(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (!text.empty() && (is_blank(text.front()) || is_blank(text.back()))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

}  // namespace webhook::base
