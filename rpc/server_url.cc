// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/server_url.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

#include "lib/base/assert.h"
#include "lib/base/text.h"

namespace webhook::rpc {
namespace {

constexpr std::size_t kUrlBytesMax = 2000;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool IsHost(std::string_view host, bool bracketed) {
  const std::string_view extra = bracketed ? ":." : "-._";
  return !host.empty() && std::ranges::all_of(host, [&](char c) {
    return IsAlphanumeric(c) || extra.find(c) != std::string_view::npos;
  });
}

// The path goes into the request line as it is, so it may hold nothing that would end it.
bool IsPath(std::string_view path) {
  return std::ranges::all_of(path, [](char c) {
    return IsAlphanumeric(c) ||
           std::string_view("/-._~%!$&'()*+,;=:@").find(c) != std::string_view::npos;
  });
}

std::optional<int> ParsePort(std::string_view digits) {
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65535) {
    return std::nullopt;
  }
  return port;
}

// "host", "host:8069", "[::1]:8069"
std::optional<std::string> ParseAuthority(std::string_view authority, ServerUrl& url) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) return "the bracket of the address is not closed";
  url.host = Lower(authority.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0)));
  if (!IsHost(url.host, bracketed)) return "the host name is missing or has a character it cannot";
  std::string_view rest = authority.substr(host_end + (bracketed ? 1 : 0));
  if (rest.empty()) return std::nullopt;
  const auto port = rest.starts_with(':') ? ParsePort(rest.substr(1)) : std::nullopt;
  if (!port) return "the port is not a number from 1 to 65535";
  url.port = *port;
  return std::nullopt;
}

}  // namespace

base::Result<ServerUrl, std::string> ParseServerUrl(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return "\"" + base::PrintableText(text, 200) + "\": " + std::string(why);
  };
  // Before anything else: such a URL must not be shown, it holds a password.
  if (text.find('@') != std::string_view::npos) {
    return std::string(
        "the URL has a user name or an @ in it; log-in and key have their own settings");
  }
  if (text.size() > kUrlBytesMax) return refuse("longer than 2,000 bytes");
  const std::size_t colon = text.find("://");
  const std::string scheme = colon == std::string_view::npos ? "" : Lower(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    return refuse("the URL must start with http:// or https://");
  }
  if (text.find_first_of("?#") != std::string_view::npos) {
    return refuse("the URL of the server takes no query and no fragment");
  }
  const std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  ServerUrl url{.tls = scheme == "https", .host = {}, .port = 0, .base_path = {}};
  url.port = url.tls ? 443 : 80;
  if (const auto error = ParseAuthority(rest.substr(0, slash), url)) return refuse(*error);
  std::string_view path = rest.substr(slash);
  if (!IsPath(path)) return refuse("the path has a character that must be percent-encoded");
  while (path.ends_with('/')) path.remove_suffix(1);
  url.base_path = path;
  return url;
}

std::string JoinPath(const ServerUrl& url, std::string_view path) {
  WEBHOOK_ASSERT(path.starts_with('/'));
  return url.base_path + std::string(path);
}

std::string HostAndPort(const ServerUrl& url) {
  const bool is_ipv6 = url.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

}  // namespace webhook::rpc
