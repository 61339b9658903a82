// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/client_address.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/net/request_head.h"

namespace webhook::net {
namespace {

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// All entries of a list that may be spread over several headers, in order.
std::vector<std::string_view> ListOf(const delivery::HttpHeaders& headers,
                                     std::string_view lower_name) {
  std::vector<std::string_view> entries;
  for (const auto& [name, value] : headers) {
    if (!base::EqualsIgnoringCase(name, lower_name)) continue;
    std::string_view rest = value;
    while (true) {
      const std::size_t comma = rest.find(',');
      entries.push_back(Trim(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return entries;
}

bool ArePortDigits(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711": proxies
// write all of them.
std::optional<IpAddress> ParseHop(std::string_view text) {
  if (const std::optional<IpAddress> plain = IpAddress::Parse(text)) return WithoutMapping(*plain);
  const bool bracketed = text.starts_with('[');
  const std::size_t end = text.find(bracketed ? ']' : ':');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  const std::string_view port = text.substr(bracketed ? end + 1 : end);
  if (!port.empty() && (port.front() != ':' || !ArePortDigits(port.substr(1)))) return std::nullopt;
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  if (!address.has_value() || address->is_v4() == bracketed) return std::nullopt;
  return WithoutMapping(*address);
}

bool IsTrusted(const IpAddress& address, const std::vector<Cidr>& trusted) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const Cidr& network) { return network.Contains(address); });
}

// Each trusted hop is believed about the one that it names; an untrusted one about nothing.
IpAddress Sender(IpAddress hop, const delivery::HttpHeaders& headers,
                 const std::vector<Cidr>& trusted) {
  const std::vector<std::string_view> entries = ListOf(headers, "x-forwarded-for");
  for (auto entry = entries.rbegin(); entry != entries.rend() && IsTrusted(hop, trusted); ++entry) {
    const std::optional<IpAddress> named = ParseHop(*entry);
    if (!named.has_value()) break;
    hop = *named;
  }
  return hop;
}

std::string_view LastOf(const delivery::HttpHeaders& headers, std::string_view lower_name) {
  const std::vector<std::string_view> entries = ListOf(headers, lower_name);
  return entries.empty() ? std::string_view() : entries.back();
}

std::string Origin(std::string_view scheme, std::string_view host) {
  return std::string(scheme) + "://" + std::string(host);
}

}  // namespace

IpAddress WithoutMapping(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto& bytes = address.bytes();
  if (address.is_v4() || !std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return address;
  return IpAddress::V4({bytes[12], bytes[13], bytes[14], bytes[15]});
}

ClientView ViewClient(const IpAddress& peer, std::string_view scheme, std::string_view host,
                      const delivery::HttpHeaders& headers, const std::vector<Cidr>& trusted) {
  const IpAddress direct = WithoutMapping(peer);
  if (!IsTrusted(direct, trusted)) return {direct.ToString(), Origin(scheme, host)};
  const std::string proto = base::AsciiLower(LastOf(headers, "x-forwarded-proto"));
  const std::string_view called = LastOf(headers, "x-forwarded-host");
  return {Sender(direct, headers, trusted).ToString(),
          Origin(proto == "http" || proto == "https" ? proto : scheme,
                 IsHostValue(called) ? called : host)};
}

}  // namespace webhook::net
