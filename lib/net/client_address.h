// SPDX-License-Identifier: LGPL-3.0-or-later
// Who sent a request, and what address the sender called: what the connection shows, or what a
// trusted proxy says about it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/delivery/ports/http_transport.h"
#include "lib/net/ip_address.h"

namespace webhook::net {

struct ClientView {
  std::string address;  // numeric, without a port; IPv4 never inside IPv6
  std::string origin;   // "https://hooks.example.com"; the scheme alone is always ours or a proxy's
};

// `peer`: of the connection; `scheme` and `host` as it was called. Headers of a peer that is not in
// `trusted` are not looked at. Of X-Forwarded-For the rightmost hop that is not trusted; the last
// one before a hop that is no address counts, at worst the peer. Of X-Forwarded-Proto and
// X-Forwarded-Host the rightmost value, unless it is malformed.
ClientView ViewClient(const IpAddress& peer, std::string_view scheme, std::string_view host,
                      const delivery::HttpHeaders& headers, const std::vector<Cidr>& trusted);

// ::ffff:192.0.2.1 as 192.0.2.1; every other address as it is.
IpAddress WithoutMapping(const IpAddress& address);

}  // namespace webhook::net
