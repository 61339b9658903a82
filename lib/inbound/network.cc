// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace webhook::inbound {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr int kBits = 128;
constexpr int kIpv4PrefixBits = 96;
constexpr std::array<std::uint8_t, 12> kIpv4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct Address {
  Bytes bytes{};
  bool is_written_as_ipv4 = false;
};

std::optional<Address> ParseAddress(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string terminated(text);
  Address address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  std::copy(kIpv4Prefix.begin(), kIpv4Prefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes[kIpv4Prefix.size()]) != 1) {
    return std::nullopt;
  }
  address.is_written_as_ipv4 = true;
  return address;
}

bool IsIpv4(const Bytes& bytes) {
  return std::equal(kIpv4Prefix.begin(), kIpv4Prefix.end(), bytes.begin());
}

bool BitAt(const Bytes& bytes, int bit) {
  return ((bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1U) != 0;
}

bool HasBitsBehind(const Bytes& bytes, int length) {
  for (int bit = length; bit < kBits; ++bit) {
    if (BitAt(bytes, bit)) return true;
  }
  return false;
}

// Digits only; leading zeros are none that people write.
std::optional<int> ParseLength(std::string_view text, int max) {
  int length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || text.front() == '-' || length > max) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return length;
}

}  // namespace

std::optional<Network> Network::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = ParseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network;
  network.base_ = address->bytes;
  if (slash == std::string_view::npos) return network;
  const int skipped = address->is_written_as_ipv4 ? kIpv4PrefixBits : 0;
  const auto length = ParseLength(text.substr(slash + 1), kBits - skipped);
  if (!length) return std::nullopt;
  network.length_ = skipped + *length;
  if (HasBitsBehind(network.base_, network.length_)) return std::nullopt;
  return network;
}

bool Network::Contains(std::string_view text) const {
  const auto address = ParseAddress(text);
  if (!address) return false;
  // ::/0 is every IPv6 address, and no IPv4 one.
  if (IsIpv4(address->bytes) && length_ < kIpv4PrefixBits) return false;
  for (int bit = 0; bit < length_; ++bit) {
    if (BitAt(base_, bit) != BitAt(address->bytes, bit)) return false;
  }
  return true;
}

}  // namespace webhook::inbound
