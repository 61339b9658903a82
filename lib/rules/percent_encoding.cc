// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/percent_encoding.h"

#include "lib/base/ascii.h"

namespace webhook::rules {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool IsDotSegment(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    const bool is_encoded = base::EqualsIgnoringCase(segment.substr(0, 3), "%2e");
    if (!is_encoded && segment.front() != '.') return false;
    segment.remove_prefix(is_encoded ? 3 : 1);
    ++dots;
  }
  return dots == 1 || dots == 2;
}

}  // namespace

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

bool HasDotSegment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    // Some servers take a backslash for a slash.
    const std::size_t end = path.find_first_of("/\\");
    if (IsDotSegment(path.substr(0, end))) return true;
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace webhook::rules
