// SPDX-License-Identifier: LGPL-3.0-or-later
// Case of ASCII letters, without any locale: header names, methods, host names. Pure.
#pragma once

#include <string>
#include <string_view>

namespace webhook::base {

constexpr char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

inline std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = AsciiLower(c);
  return lower;
}

inline std::string AsciiUpper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = AsciiUpper(c);
  return upper;
}

inline bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  return left.size() == right.size() && AsciiLower(left) == AsciiLower(right);
}

}  // namespace webhook::base
