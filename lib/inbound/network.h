// SPDX-License-Identifier: LGPL-3.0-or-later
// Networks of senders that an endpoint accepts: "192.0.2.0/24", "2001:db8::/32", one address. An
// IPv4 address inside IPv6 (::ffff:a.b.c.d) is judged as IPv4. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace webhook::inbound {

class Network {
 public:
  // Nothing when the text is none, or has bits set behind its length.
  static std::optional<Network> Parse(std::string_view text);

  // False also for what is no numeric address.
  bool Contains(std::string_view address) const;

 private:
  std::array<std::uint8_t, 16> base_{};  // IPv4 as ::ffff:a.b.c.d
  int length_ = 128;                     // leading bits that must be equal
};

}  // namespace webhook::inbound
