// SPDX-License-Identifier: LGPL-3.0-or-later
// Which addresses are not on the public internet, and which carry an IPv4 address inside. The
// tables behind the address guard. Pure.
#pragma once

#include <optional>
#include <string>

#include "lib/net/ip_address.h"

namespace webhook::net {

// "private network 10.0.0.0/8"; nothing for an address of the public internet.
std::optional<std::string> SpecialRangeOf(const IpAddress& address);

// The a.b.c.d of ::ffff:a.b.c.d (RFC 4291, 2.5.5.2); every other address as it is.
IpAddress UnwrapMapped(const IpAddress& address);

// The IPv4 address inside an IPv4-compatible, NAT64, 6to4 or Teredo address.
std::optional<IpAddress> EmbeddedV4(const IpAddress& address);

}  // namespace webhook::net
