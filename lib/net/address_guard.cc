// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/address_guard.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace webhook::net {
namespace {

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port < 1 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// "443" or "8000-8999"
std::optional<AllowRule::Ports> ParsePorts(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint16_t> first = ParsePort(text.substr(0, dash));
  if (!first.has_value()) return std::nullopt;
  if (dash == std::string_view::npos) return AllowRule::Ports{*first, *first};
  const std::optional<std::uint16_t> last = ParsePort(text.substr(dash + 1));
  if (!last.has_value() || *last < *first) return std::nullopt;
  return AllowRule::Ports{*first, *last};
}

std::optional<std::vector<AllowRule::Ports>> ParsePortList(std::string_view text) {
  std::vector<AllowRule::Ports> list;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::optional<AllowRule::Ports> ports = ParsePorts(text.substr(0, comma));
    if (!ports.has_value()) return std::nullopt;
    list.push_back(*ports);
    if (comma == std::string_view::npos) return list;
    text.remove_prefix(comma + 1);
  }
}

// Splits at the colon before the ports. Only brackets make that colon clear in IPv6.
std::pair<std::string_view, std::optional<std::string_view>> SplitPorts(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {text, std::nullopt};
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty()) return {text.substr(1, end - 1), std::nullopt};
    if (rest.front() != ':') return {text, std::nullopt};
    return {text.substr(1, end - 1), rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return {text, std::nullopt};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

std::optional<AllowRule> ParseAllowRule(std::string_view text) {
  const auto [network_text, ports_text] = SplitPorts(text);
  const std::optional<Cidr> network = Cidr::Parse(network_text);
  if (!network.has_value()) return std::nullopt;
  if (!ports_text.has_value()) return AllowRule{*network, {}};
  std::optional<std::vector<AllowRule::Ports>> ports = ParsePortList(*ports_text);
  if (!ports.has_value()) return std::nullopt;
  return AllowRule{*network, std::move(*ports)};
}

AddressGuard::AddressGuard(std::vector<AllowRule> rules) : rules_(std::move(rules)) {}

base::Result<CheckedAddress, AddressRefusal> AddressGuard::Check(const IpAddress& address,
                                                                 std::uint16_t port) const {
  const IpAddress dialled = UnwrapMapped(address);
  if (auto range = WhyRefused(dialled, port)) return AddressRefusal{address, *std::move(range)};
  return CheckedAddress(dialled, port);
}

bool AddressGuard::RuleAllows(const IpAddress& address, std::uint16_t port) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const AllowRule& rule) {
    if (!rule.network.Contains(address)) return false;
    return rule.ports.empty() ||
           std::any_of(rule.ports.begin(), rule.ports.end(), [&](const AllowRule::Ports& ports) {
             return port >= ports.first && port <= ports.last;
           });
  });
}

std::optional<std::string> AddressGuard::WhyRefused(const IpAddress& address,
                                                    std::uint16_t port) const {
  const std::optional<IpAddress> inside = address.is_v4() ? std::nullopt : EmbeddedV4(address);
  if (!RuleAllows(address, port)) {
    std::optional<std::string> range = SpecialRangeOf(address);
    if (!range.has_value() || !inside.has_value()) return range;
    const std::optional<std::string> inner = SpecialRangeOf(*inside);
    return inner.has_value() ? *range + " around " + *inner : range;
  }
  if (!inside.has_value()) return std::nullopt;
  return WhyRefused(*inside, port);
}

}  // namespace webhook::net
