// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/url.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "lib/base/ascii.h"

namespace webhook::net {
namespace {

constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHexDigit(char c) {
  const char lower = base::AsciiLower(c);
  return IsDigit(c) || (lower >= 'a' && lower <= 'f');
}

// Visible ASCII but the backslash, which browsers read as a slash and others do not.
bool IsUrlCharacter(char c) { return c > 0x20 && c < 0x7f && c != '\\'; }

// Docker and Windows networks name hosts with underscores, so they are taken too.
bool IsLabelCharacter(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), IsLabelCharacter);
}

bool IsHostName(std::string_view host) {
  if (host.size() > kHostBytesMax) return false;
  while (true) {
    const std::size_t dot = host.find('.');
    if (!IsLabel(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// Whether resolvers may take the name for a number: the last label is decimal, octal or
// hexadecimal. No top-level domain is.
bool EndsInNumber(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const std::size_t dot = host.rfind('.');
  std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (last.empty()) return false;
  if (std::all_of(last.begin(), last.end(), IsDigit)) return true;
  if (last.size() < 2 || last[0] != '0' || last[1] != 'x') return false;
  last.remove_prefix(2);
  return std::all_of(last.begin(), last.end(), IsHexDigit);
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || text.front() == '0' || port > 65535) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(port);
}

// Takes the scheme and "//" off the text.
std::optional<UrlProblem> TakeScheme(std::string_view& text, Url& url) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return UrlProblem::kScheme;
  const std::string scheme = base::AsciiLower(text.substr(0, end));
  if (scheme != "http" && scheme != "https") return UrlProblem::kScheme;
  url.tls = scheme == "https";
  text.remove_prefix(end + 3);
  return std::nullopt;
}

std::optional<UrlProblem> ReadV6Host(std::string_view inside, Url& url) {
  url.address = IpAddress::Parse(inside);
  if (!url.address.has_value() || url.address->is_v4()) return UrlProblem::kHostV6;
  url.host = url.address->ToString();
  return std::nullopt;
}

std::optional<UrlProblem> ReadHost(std::string_view text, Url& url) {
  if (text.empty()) return UrlProblem::kHostEmpty;
  url.host = base::AsciiLower(text);
  url.address = IpAddress::Parse(url.host);
  if (url.address.has_value() && url.address->is_v4()) return std::nullopt;
  if (EndsInNumber(url.host)) return UrlProblem::kHostOddV4;
  if (!IsHostName(url.host)) return UrlProblem::kHostName;
  return std::nullopt;
}

// `text` is ":8080" or nothing.
std::optional<UrlProblem> ReadPort(std::string_view text, Url& url) {
  url.port = url.tls ? 443 : 80;
  if (text.empty()) return std::nullopt;
  if (text.front() != ':') return UrlProblem::kPort;
  const std::optional<std::uint16_t> port = ParsePort(text.substr(1));
  if (!port.has_value()) return UrlProblem::kPort;
  url.port = *port;
  return std::nullopt;
}

std::optional<UrlProblem> ReadAuthority(std::string_view text, Url& url) {
  if (text.find('@') != std::string_view::npos) return UrlProblem::kUserInformation;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return UrlProblem::kHostV6;
    if (auto problem = ReadV6Host(text.substr(1, end - 1), url)) return problem;
    return ReadPort(text.substr(end + 1), url);
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  if (auto problem = ReadHost(text.substr(0, colon), url)) return problem;
  return ReadPort(text.substr(colon), url);
}

}  // namespace

std::string Url::Authority() const {
  std::string text = address.has_value() && !address->is_v4() ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::Origin() const { return (tls ? "https://" : "http://") + Authority(); }

std::string_view Describe(UrlProblem problem) {
  switch (problem) {
    case UrlProblem::kTooLong:
      return "the URL is longer than 8192 bytes";
    case UrlProblem::kCharacter:
      return "the URL holds white space, a control character, a backslash or a character that is "
             "not ASCII; percent-encode it, and write an international host name as xn--…";
    case UrlProblem::kScheme:
      return "the URL must start with https:// or http://";
    case UrlProblem::kUserInformation:
      return "the URL holds user information before an @; use the endpoint's authentication";
    case UrlProblem::kFragment:
      return "the URL holds a fragment (#), which is never sent";
    case UrlProblem::kHostEmpty:
      return "the URL has no host";
    case UrlProblem::kHostName:
      return "the host of the URL is not a host name";
    case UrlProblem::kHostOddV4:
      return "the host of the URL is a number; write an IPv4 address as four decimal numbers";
    case UrlProblem::kHostV6:
      return "the host of the URL is not an IPv6 address in brackets without a zone";
    case UrlProblem::kPort:
      return "the port of the URL is not a number from 1 to 65535";
  }
  WEBHOOK_ASSERT(false);
}

base::Result<Url, UrlProblem> ParseUrl(std::string_view text) {
  if (text.size() > kUrlBytesMax) return UrlProblem::kTooLong;
  if (!std::all_of(text.begin(), text.end(), IsUrlCharacter)) return UrlProblem::kCharacter;
  if (text.find('#') != std::string_view::npos) return UrlProblem::kFragment;
  Url url{};
  if (auto problem = TakeScheme(text, url)) return *problem;
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  if (auto problem = ReadAuthority(text.substr(0, authority_end), url)) return *problem;
  url.target = text.substr(authority_end);
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  return url;
}

}  // namespace webhook::net
