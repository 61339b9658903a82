// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace webhook::net {
namespace {

bool PrefixesAreEqual(const std::array<std::uint8_t, 16>& left,
                      const std::array<std::uint8_t, 16>& right, std::size_t length) {
  const std::size_t whole = length / 8;
  if (!std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(whole), right.begin())) {
    return false;
  }
  const std::size_t rest = length % 8;
  if (rest == 0) return true;
  const int mask = (0xff << (8 - rest)) & 0xff;
  return (left[whole] & mask) == (right[whole] & mask);
}

bool HasBitsBeyond(const IpAddress& address, std::size_t length) {
  for (std::size_t bit = length; bit < address.bits(); ++bit) {
    if ((address.bytes()[bit / 8] >> (7 - bit % 8)) & 1) return true;
  }
  return false;
}

std::optional<std::size_t> ParseLength(std::string_view text, std::size_t length_max) {
  std::size_t length = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, length);
  if (error != std::errc() || stop != end || length > length_max) return std::nullopt;
  return length;
}

}  // namespace

IpAddress IpAddress::V4(const std::array<std::uint8_t, 4>& bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::V6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress address;
  address.is_v4_ = false;
  address.bytes_ = bytes;
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  // A NUL would end the text early for inet_pton.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return V4(v4);
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return V6(v6);
  return std::nullopt;
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

std::string IpAddress::WithPort(std::uint16_t port) const {
  const std::string number = ":" + std::to_string(port);
  return is_v4_ ? ToString() + number : "[" + ToString() + "]" + number;
}

std::optional<Cidr> Cidr::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> base = IpAddress::Parse(text.substr(0, slash));
  if (!base.has_value()) return std::nullopt;
  if (slash == std::string_view::npos) return Cidr(*base, base->bits());
  const std::optional<std::size_t> length = ParseLength(text.substr(slash + 1), base->bits());
  if (!length.has_value() || HasBitsBeyond(*base, *length)) return std::nullopt;
  return Cidr(*base, *length);
}

bool Cidr::Contains(const IpAddress& address) const {
  return address.is_v4() == base_.is_v4() &&
         PrefixesAreEqual(address.bytes(), base_.bytes(), length_);
}

std::string Cidr::ToString() const { return base_.ToString() + "/" + std::to_string(length_); }

}  // namespace webhook::net
