// SPDX-License-Identifier: LGPL-3.0-or-later
// An IPv4 or IPv6 address as bytes, and networks of them (CIDR). Pure values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace webhook::net {

class IpAddress {
 public:
  // Network byte order.
  static IpAddress V4(const std::array<std::uint8_t, 4>& bytes);
  static IpAddress V6(const std::array<std::uint8_t, 16>& bytes);

  // The one spelling of inet_pton: four decimal numbers without leading zeros, or IPv6 without
  // brackets and without a zone.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool is_v4() const { return is_v4_; }
  std::size_t bits() const { return is_v4_ ? 32 : 128; }

  // The first 4 bytes count for IPv4; the others are zero.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  std::string ToString() const;

  // "192.0.2.1:80", "[2001:db8::1]:80"
  std::string WithPort(std::uint16_t port) const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  IpAddress() = default;

  bool is_v4_ = true;
  std::array<std::uint8_t, 16> bytes_{};
};

class Cidr {
 public:
  // "10.0.0.0/8", "fd00::/8"; an address without a length is that address alone. Nothing when the
  // text is not a network, also when bits beyond the length are set.
  static std::optional<Cidr> Parse(std::string_view text);

  bool Contains(const IpAddress& address) const;
  std::string ToString() const;

 private:
  Cidr(const IpAddress& base, std::size_t length) : base_(base), length_(length) {}

  IpAddress base_;
  std::size_t length_;  // leading bits that must be equal
};

}  // namespace webhook::net
