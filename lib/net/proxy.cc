// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/proxy.h"

#include <algorithm>
#include <stdexcept>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/base/text.h"
#include "lib/net/special_ranges.h"

namespace webhook::net {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kCredentialBytesMax = 1024;
constexpr std::size_t kShownBytesMax = 100;

bool IsNameCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kHostBytesMax &&
         std::all_of(text.begin(), text.end(), IsNameCharacter);
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::optional<std::string> WhyCredentialsRefused(const ProxyOptions& options) {
  const std::string& password = options.password.Reveal();
  if (options.user.find(':') != std::string::npos) return "the proxy's user holds a colon";
  if (HasControl(options.user) || HasControl(password)) {
    return "the proxy's user or password holds a control character";
  }
  if (options.user.size() > kCredentialBytesMax || password.size() > kCredentialBytesMax) {
    return "the proxy's user or password is longer than 1024 bytes";
  }
  if (options.user.empty() && !password.empty()) return "the proxy has a password but no user";
  return std::nullopt;
}

bool IsNetwork(std::string_view text) {
  return text.find_first_of("/:") != std::string_view::npos || IpAddress::Parse(text).has_value();
}

bool IsBypass(std::string_view text) {
  return IsNetwork(text) ? Cidr::Parse(text).has_value() : IsName(text) && text != ".";
}

bool HostMatches(std::string_view host, std::string_view entry) {
  if (entry.front() == '.') return host.ends_with(entry) && host.size() > entry.size();
  return host == entry;
}

}  // namespace

std::optional<std::string> WhyRefused(const ProxyOptions& options) {
  if (!IpAddress::Parse(options.host).has_value() && !IsName(options.host)) {
    return "the proxy's host is neither a host name nor an address";
  }
  if (options.port == 0) return "the proxy has no port";
  if (auto why = WhyCredentialsRefused(options)) return why;
  if (options.bypass.size() > kProxyBypassMax) return "more than 100 exceptions from the proxy";
  for (const std::string& entry : options.bypass) {
    if (IsBypass(entry)) continue;
    return "an exception from the proxy is neither a host name nor a network: " +
           base::PrintableText(entry, kShownBytesMax);
  }
  return std::nullopt;
}

Proxy::Proxy(const ProxyOptions& options)
    : host_(options.host),
      address_(IpAddress::Parse(options.host)),
      port_(options.port),
      resolves_names_(options.resolves_names) {
  if (const auto why = WhyRefused(options)) throw std::runtime_error(*why);
  if (!options.user.empty()) {
    authorization_ =
        base::Secret("Basic " + base::EncodeBase64(options.user + ":" + options.password.Reveal()));
  }
  for (const std::string& entry : options.bypass) {
    if (const auto network = Cidr::Parse(entry)) {
      direct_networks_.push_back(*network);
    } else {
      direct_hosts_.push_back(base::AsciiLower(entry));
    }
  }
}

bool Proxy::Serves(const Url& url) const {
  if (url.address.has_value()) {
    const IpAddress address = UnwrapMapped(*url.address);
    return std::none_of(direct_networks_.begin(), direct_networks_.end(),
                        [&](const Cidr& network) { return network.Contains(address); });
  }
  return std::none_of(direct_hosts_.begin(), direct_hosts_.end(),
                      [&](const std::string& entry) { return HostMatches(url.host, entry); });
}

std::string Proxy::ConnectRequest(std::string_view authority) const {
  std::string text = "CONNECT ";
  text.append(authority).append(" HTTP/1.1\r\nHost: ").append(authority).append("\r\n");
  if (!authorization_.empty()) {
    text.append("Proxy-Authorization: ").append(authorization_.Reveal()).append("\r\n");
  }
  return text.append("\r\n");
}

std::string Proxy::Name() const {
  const std::string shown = host_.substr(0, kShownBytesMax);
  return "the proxy " +
         (address_.has_value() ? address_->WithPort(port_) : shown + ":" + std::to_string(port_));
}

}  // namespace webhook::net
