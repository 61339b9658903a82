// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/uuid.h"

#include <fmt/format.h>

namespace webhook::base {

std::string MakeUuid7(WallTime now, Random& random) {
  const auto unix_ms = static_cast<std::uint64_t>(ToUnixMs(now)) & 0xffffffffffffU;
  const std::uint64_t high = random.Next();
  const std::uint64_t low = random.Next();
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", unix_ms >> 16, unix_ms & 0xffffU,
                     0x7000U | (high & 0x0fffU), 0x8000U | ((high >> 16) & 0x3fffU),
                     low & 0xffffffffffffU);
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen_place = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (hyphen_place ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace webhook::base
