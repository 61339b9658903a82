// SPDX-License-Identifier: LGPL-3.0-or-later
// The URL of a target, read strictly (RFC 3986, without what a webhook target never needs and an
// attacker likes): one spelling of an address, no user information, no fragment. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/net/ip_address.h"

namespace webhook::net {

inline constexpr std::size_t kUrlBytesMax = 8192;

struct Url {
  bool tls;                          // https
  std::string host;                  // lower-case name or address, without brackets
  std::optional<IpAddress> address;  // when the host is one
  std::uint16_t port;
  std::string target;  // path and query, starts with a slash

  // What the Host header carries: brackets for IPv6, the port unless it is the scheme's own.
  std::string Authority() const;

  // Scheme, host and port: the same for all requests that may share a connection.
  std::string Origin() const;
};

enum class UrlProblem {
  kTooLong,
  kCharacter,  // control, white space, backslash, or not ASCII
  kScheme,
  kUserInformation,
  kFragment,
  kHostEmpty,
  kHostName,   // not a DNS name
  kHostOddV4,  // decimal, octal, hexadecimal or short
  kHostV6,
  kPort,
};

// A sentence for people that says what is expected.
std::string_view Describe(UrlProblem problem);

base::Result<Url, UrlProblem> ParseUrl(std::string_view text);

}  // namespace webhook::net
