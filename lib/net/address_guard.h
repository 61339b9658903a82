// SPDX-License-Identifier: LGPL-3.0-or-later
// Decides whether an address may be dialled: the defence against requests to the inside of the
// operator's network (SSRF). Asked about the binary address just before connecting, never about a
// name or a spelling. Pure; any thread.
//
// Refused by default: everything that is not globally reachable unicast (IANA special-purpose
// registries, RFC 6890), well-known metadata services, all of IPv6 outside 2000::/3, and every IPv6
// form that carries an IPv4 address. ::ffff:a.b.c.d is judged as a.b.c.d. The other forms (IPv4-
// compatible, NAT64, 6to4, Teredo) pass only if a rule names their network AND the IPv4 address
// inside passes too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/net/ip_address.h"
#include "lib/net/special_ranges.h"

namespace webhook::net {

// An exception that an operator makes. No ports: all ports.
struct AllowRule {
  struct Ports {
    std::uint16_t first;
    std::uint16_t last;
  };

  Cidr network;
  std::vector<Ports> ports;
};

// "10.1.0.0/16", "10.1.2.3:8080", "10.0.0.0/8:443,8000-8999", "fd00::/8", "[fd00::/8]:443".
// Nothing when the text is none of these.
std::optional<AllowRule> ParseAllowRule(std::string_view text);

// Why an address is refused. `range` says which one: "private network 10.0.0.0/8".
struct AddressRefusal {
  IpAddress address;
  std::string range;
};

class AddressGuard;

// An address and port that the guard has let through; the only thing that can be dialled. The one
// exception is the operator's own proxy (OfOperator).
class CheckedAddress {
 public:
  const IpAddress& address() const { return address_; }
  std::uint16_t port() const { return port_; }
  std::string ToString() const { return address_.WithPort(port_); }

  // What the operator configured himself, the address of the proxy: not judged. Never for anything
  // that comes from an endpoint, a record or a reply.
  static CheckedAddress OfOperator(const IpAddress& address, std::uint16_t port) {
    return CheckedAddress(UnwrapMapped(address), port);
  }

 private:
  friend class AddressGuard;
  CheckedAddress(const IpAddress& address, std::uint16_t port) : address_(address), port_(port) {}

  IpAddress address_;
  std::uint16_t port_;
};

class AddressGuard {
 public:
  explicit AddressGuard(std::vector<AllowRule> rules);

  base::Result<CheckedAddress, AddressRefusal> Check(const IpAddress& address,
                                                     std::uint16_t port) const;

 private:
  bool RuleAllows(const IpAddress& address, std::uint16_t port) const;
  std::optional<std::string> WhyRefused(const IpAddress& address, std::uint16_t port) const;

  const std::vector<AllowRule> rules_;
};

}  // namespace webhook::net
