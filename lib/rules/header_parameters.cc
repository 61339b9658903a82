// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/header_parameters.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/rules/blanks.h"

namespace webhook::rules {
namespace {

// Reads one quoted text at the start of `rest`, and takes it off; an open quote reaches to the end.
std::string TakeQuoted(std::string_view& rest) {
  std::string text;
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    const bool is_escape =
        rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\');
    text += rest[is_escape ? 1 : 0];
    rest.remove_prefix(is_escape ? 2 : 1);
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return text;
}

std::string TakeValue(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const bool is_quoted = rest.starts_with('"');
  std::string quoted = is_quoted ? TakeQuoted(rest) : std::string();
  const std::string_view plain = rest.substr(0, rest.find(';'));
  rest.remove_prefix(plain.size());
  return is_quoted ? quoted : std::string(TrimBlanks(plain));
}

}  // namespace

std::string HeaderWord(std::string_view header) {
  return base::AsciiLower(TrimBlanks(header.substr(0, header.find(';'))));
}

std::optional<std::string> HeaderParameter(std::string_view header, std::string_view name) {
  std::string_view rest = header.substr(std::min(header.find(';'), header.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find_first_of("=;"), rest.size());
    const std::string_view found = TrimBlanks(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!rest.starts_with('=')) continue;
    rest.remove_prefix(1);
    std::string value = TakeValue(rest);
    if (base::EqualsIgnoringCase(found, name)) return value;
  }
  return std::nullopt;
}

}  // namespace webhook::rules
