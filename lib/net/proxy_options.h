// SPDX-License-Identifier: LGPL-3.0-or-later
// An HTTP proxy between the worker and the receivers, as the operator configured it. Nothing else
// sets one: the environment is never asked.
//
// Every request is tunnelled through it (CONNECT, RFC 9110 section 9.3.6), plain http too, so that
// TLS, Host and the check of the certificate stay between the worker and the receiver.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/secret.h"

namespace webhook::net {

struct ProxyOptions {
  std::string host;  // a name or an address, without brackets; the operator's, so not judged
  std::uint16_t port = 0;

  // Basic authentication (RFC 7617); none when the user is empty. No colon in the user.
  std::string user;
  base::Secret password;

  // False: the worker resolves the target's name, judges the addresses and names the judged one to
  // the proxy. True, for networks where only the proxy resolves: the proxy gets the name, and only
  // a URL that spells an address is judged; the proxy must refuse internal targets itself.
  bool resolves_names = false;

  // Receivers that are dialled directly: "shop.example" (that host), ".shop.example" (hosts below
  // it), "10.0.0.0/8" or "fd00::1" (URLs that spell such an address; names are not looked up for
  // this). At most 100.
  std::vector<std::string> bypass;
};

}  // namespace webhook::net
