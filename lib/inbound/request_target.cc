// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/request_target.h"

namespace webhook::inbound {

namespace {

constexpr std::string_view kPrefix = "/webhooks/in/";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[at + 1]);
    const int low = HexDigit(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return decoded;
}

}  // namespace

std::optional<std::string> EndpointPath(std::string_view target) {
  if (!target.starts_with(kPrefix)) return std::nullopt;
  const std::string_view path = target.substr(kPrefix.size());
  const std::string_view segment = path.substr(0, path.find('?'));
  if (segment.empty() || segment.find('/') != std::string_view::npos) return std::nullopt;
  return Decode(segment);
}

}  // namespace webhook::inbound
