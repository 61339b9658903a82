// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/form_body.h"

namespace webhook::rules {
namespace {

// 0 … 15, or -1.
int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte of the escape at the start, or -1.
int EscapedByte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = DigitOf(text[1]);
  const int low = DigitOf(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

std::string FormDecoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    const int byte = EscapedByte(text);
    if (byte >= 0) {
      decoded += static_cast<char>(byte);
    } else {
      decoded += text.front() == '+' ? ' ' : text.front();
    }
    text.remove_prefix(byte >= 0 ? 3 : 1);
  }
  return decoded;
}

std::optional<FormPairs> ParseForm(std::string_view text, std::size_t pairs_max) {
  FormPairs pairs;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(pair.size() < text.size() ? pair.size() + 1 : pair.size());
    if (pair.empty()) continue;
    if (pairs.size() == pairs_max) return std::nullopt;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    pairs.emplace_back(FormDecoded(pair.substr(0, equals)), FormDecoded(value));
  }
  return pairs;
}

}  // namespace webhook::rules
