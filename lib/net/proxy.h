// SPDX-License-Identifier: LGPL-3.0-or-later
// The operator's proxy, ready for use: which receivers are reached through it, and what it is told.
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"
#include "lib/net/ip_address.h"
#include "lib/net/proxy_options.h"
#include "lib/net/url.h"

namespace webhook::net {

inline constexpr std::size_t kProxyBypassMax = 100;

// What of the options cannot be used, one sentence; nothing when all is well.
std::optional<std::string> WhyRefused(const ProxyOptions& options);

class Proxy {
 public:
  // Throws std::runtime_error with the sentence of WhyRefused.
  explicit Proxy(const ProxyOptions& options);

  const std::string& host() const { return host_; }
  const std::optional<IpAddress>& address() const { return address_; }  // when the host is one
  std::uint16_t port() const { return port_; }
  bool resolves_names() const { return resolves_names_; }

  // Whether requests to this URL go through it.
  bool Serves(const Url& url) const;

  // The request that opens a tunnel to `authority`, "192.0.2.1:443" (RFC 9110, 9.3.6).
  std::string ConnectRequest(std::string_view authority) const;

  // For messages: "the proxy proxy.example:3128".
  std::string Name() const;

 private:
  std::string host_;
  std::optional<IpAddress> address_;
  std::uint16_t port_;
  base::Secret authorization_;  // the value of Proxy-Authorization; empty for none
  bool resolves_names_;
  std::vector<Cidr> direct_networks_;
  std::vector<std::string> direct_hosts_;  // lower case; ".shop.example" means below it
};

}  // namespace webhook::net
