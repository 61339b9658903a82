// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <string>

namespace webhook::config {
namespace {

constexpr std::string_view kExpected =
    "expected a network such as 10.1.2.0/24, 10.1.2.0/24:8443, fd00::/8 or [fd00::/8]:8443";

std::optional<int> ParseNumber(std::string_view text, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  if (number < 0 || number > max) return {};
  return number;
}

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

// Brackets are needed only to tell the port of an IPv6 address from its groups.
std::optional<HostAndPort> SplitPort(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return {};
    const std::string_view host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return HostAndPort{host, {}};
    if (rest[0] != ':') return {};
    return HostAndPort{host, rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.rfind(':') != colon) return HostAndPort{text, {}};
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

bool ParseAddress(std::string_view text, bool& is_ipv6, std::array<std::uint8_t, 16>& address) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return false;
  is_ipv6 = text.find(':') != std::string_view::npos;
  return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, terminated.c_str(), address.data()) == 1;
}

// "443,8000-8999"
bool ArePorts(std::string_view text) {
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view ports = text.substr(0, comma);
    const std::size_t dash = ports.find('-');
    const int first = ParseNumber(ports.substr(0, dash), 65'535).value_or(0);
    const int last = dash == std::string_view::npos
                         ? first
                         : ParseNumber(ports.substr(dash + 1), 65'535).value_or(0);
    if (first == 0 || last < first) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

struct Network {
  bool is_ipv6 = false;
  std::array<std::uint8_t, 16> address{};
  int prefix_bits = 0;
};

std::optional<Network> ParseNetwork(std::string_view text) {
  Network network;
  const std::size_t slash = text.find('/');
  if (!ParseAddress(text.substr(0, slash), network.is_ipv6, network.address)) return {};
  const int bits_max = network.is_ipv6 ? 128 : 32;
  network.prefix_bits = bits_max;
  if (slash == std::string_view::npos) return network;
  const std::optional<int> bits = ParseNumber(text.substr(slash + 1), bits_max);
  if (!bits) return {};
  network.prefix_bits = *bits;
  return network;
}

// Clears the bits behind the prefix; false when one was set.
bool ClearHostBits(Network& network) {
  bool clean = true;
  for (int bit = network.prefix_bits; bit < (network.is_ipv6 ? 128 : 32); ++bit) {
    std::uint8_t& byte = network.address[static_cast<std::size_t>(bit / 8)];
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if ((byte & mask) != 0) clean = false;
    byte = static_cast<std::uint8_t>(byte & ~mask);
  }
  return clean;
}

std::string AddressText(const Network& network) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(network.is_ipv6 ? AF_INET6 : AF_INET, network.address.data(), buffer.data(),
            buffer.size());
  return buffer.data();
}

}  // namespace

std::optional<Complaint> CheckNetwork(std::string_view value) {
  const std::optional<HostAndPort> split = SplitPort(value);
  std::optional<Network> network = split ? ParseNetwork(split->host) : std::nullopt;
  if (!network || (split->port && !ArePorts(*split->port))) {
    return Complaint{fmt::format("{} is not a network", Cite(value)), std::string(kExpected)};
  }
  if (!ClearHostBits(*network)) {
    return Complaint{
        fmt::format("{} has bits behind its prefix", Cite(value)),
        fmt::format("did you mean {}/{}?", AddressText(*network), network->prefix_bits)};
  }
  return {};
}

std::optional<NumericAddress> NumericAddress::Parse(std::string_view text) {
  const std::optional<HostAndPort> split = SplitPort(text);
  if (!split || !split->port) return {};
  NumericAddress parsed;
  const std::optional<int> port = ParseNumber(*split->port, 65'535);
  if (!port || !ParseAddress(split->host, parsed.is_ipv6, parsed.address)) return {};
  parsed.port = static_cast<std::uint16_t>(*port);
  return parsed;
}

}  // namespace webhook::config
