// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/special_ranges.h"

#include <vector>

#include "lib/base/assert.h"

namespace webhook::net {
namespace {

struct Range {
  Cidr network;
  const char* name;
};

Cidr Network(const char* text) {
  const std::optional<Cidr> network = Cidr::Parse(text);
  WEBHOOK_ASSERT(network.has_value());
  return *network;
}

// IANA IPv4 special-purpose registry, multicast, class E, and a metadata service outside of both.
const std::vector<Range>& V4Ranges() {
  static const std::vector<Range> ranges = {
      {Network("0.0.0.0/8"), "this network"},
      {Network("10.0.0.0/8"), "private network"},
      {Network("100.64.0.0/10"), "shared address space"},
      {Network("127.0.0.0/8"), "loopback"},
      {Network("169.254.0.0/16"), "link-local"},
      {Network("172.16.0.0/12"), "private network"},
      {Network("192.0.0.0/24"), "protocol assignments"},
      {Network("192.0.2.0/24"), "documentation"},
      {Network("192.88.99.0/24"), "6to4 relay"},
      {Network("192.168.0.0/16"), "private network"},
      {Network("198.18.0.0/15"), "benchmarking"},
      {Network("198.51.100.0/24"), "documentation"},
      {Network("203.0.113.0/24"), "documentation"},
      {Network("224.0.0.0/4"), "multicast"},
      {Network("240.0.0.0/4"), "reserved"},
      {Network("168.63.129.16/32"), "cloud platform service"},
  };
  return ranges;
}

// In order: the first match names the refusal, so that the special one comes before the general.
const std::vector<Range>& V6Ranges() {
  static const std::vector<Range> ranges = {
      {Network("::/128"), "unspecified"},
      {Network("::1/128"), "loopback"},
      {Network("::/96"), "IPv4-compatible"},
      {Network("64:ff9b::/96"), "NAT64"},
      {Network("64:ff9b:1::/48"), "local NAT64"},
      {Network("100::/64"), "discard-only"},
      {Network("2001::/32"), "Teredo"},
      {Network("2001::/23"), "protocol assignments"},
      {Network("2001:db8::/32"), "documentation"},
      {Network("2002::/16"), "6to4"},
      {Network("3fff::/20"), "documentation"},
      {Network("5f00::/16"), "segment routing"},
      {Network("fc00::/7"), "private network"},
      {Network("fe80::/10"), "link-local"},
      {Network("fec0::/10"), "site-local"},
      {Network("ff00::/8"), "multicast"},
  };
  return ranges;
}

std::optional<std::string> NameIn(const std::vector<Range>& ranges, const IpAddress& address) {
  for (const Range& range : ranges) {
    if (range.network.Contains(address)) {
      return std::string(range.name) + " " + range.network.ToString();
    }
  }
  return std::nullopt;
}

IpAddress V4At(const IpAddress& address, std::size_t offset, std::uint8_t flip = 0) {
  std::array<std::uint8_t, 4> v4{};
  for (std::size_t i = 0; i < 4; ++i) {
    v4[i] = static_cast<std::uint8_t>(address.bytes()[offset + i] ^ flip);
  }
  return IpAddress::V4(v4);
}

}  // namespace

std::optional<std::string> SpecialRangeOf(const IpAddress& address) {
  if (address.is_v4()) return NameIn(V4Ranges(), address);
  if (auto name = NameIn(V6Ranges(), address)) return name;
  static const Cidr global_unicast = Network("2000::/3");
  if (!global_unicast.Contains(address)) return "outside the global unicast network 2000::/3";
  return std::nullopt;
}

IpAddress UnwrapMapped(const IpAddress& address) {
  static const Cidr mapped = Network("::ffff:0:0/96");
  return mapped.Contains(address) ? V4At(address, 12) : address;
}

std::optional<IpAddress> EmbeddedV4(const IpAddress& address) {
  static const Cidr compatible = Network("::/96");
  static const Cidr nat64 = Network("64:ff9b::/96");
  static const Cidr nat64_local = Network("64:ff9b:1::/48");
  static const Cidr six_to_four = Network("2002::/16");
  static const Cidr teredo = Network("2001::/32");
  // :: and ::1 have the shape of IPv4-compatible addresses, but are not (RFC 4291, 2.5.2, 2.5.3).
  static const Cidr unspecified_and_loopback = Network("::/127");
  if (unspecified_and_loopback.Contains(address)) return std::nullopt;
  if (compatible.Contains(address) || nat64.Contains(address)) return V4At(address, 12);
  // RFC 8215 leaves the length open; /96 is what translators use by default.
  if (nat64_local.Contains(address)) return V4At(address, 12);
  if (six_to_four.Contains(address)) return V4At(address, 2);
  if (teredo.Contains(address)) return V4At(address, 12, 0xff);  // RFC 4380: bits are inverted
  return std::nullopt;
}

}  // namespace webhook::net
