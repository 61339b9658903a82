// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks numeric addresses and networks as the configuration spells them. What passes here is what
// lib/net understands (a test compares the two). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/config/config_error.h"

namespace webhook::config {

// A network that may be reached although it is not public: 127.0.0.0/8, 10.1.2.0/24:443,8000-8999,
// fd00::/8, [fd00::/8]:8443, or one address. Returns what is wrong, or nothing.
std::optional<Complaint> CheckNetwork(std::string_view value);

struct NumericAddress {
  bool is_ipv6 = false;
  std::array<std::uint8_t, 16> address{};  // network order; IPv4 uses the first four
  std::uint16_t port = 0;

  // 127.0.0.1:4711 or [::1]:4711. Port 0 is the system's choice.
  static std::optional<NumericAddress> Parse(std::string_view text);
};

}  // namespace webhook::config
