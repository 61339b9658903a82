// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/url_reference.h"

#include <algorithm>

#include "lib/base/ascii.h"

namespace webhook::delivery {
namespace {

bool IsUrlByte(char c) { return c > 0x20 && c < 0x7F && c != '\\'; }

bool IsAlpha(char c) {
  const char lower = base::AsciiLower(c);
  return lower >= 'a' && lower <= 'z';
}

bool IsSchemeByte(char c) {
  return IsAlpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

// Takes "https:" off the front; nothing when there is no scheme.
std::optional<std::string> TakeScheme(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !IsAlpha(text.front())) return std::nullopt;
  const std::string_view scheme = text.substr(0, colon);
  if (!std::ranges::all_of(scheme, IsSchemeByte)) return std::nullopt;
  text.remove_prefix(colon + 1);
  return base::AsciiLower(scheme);
}

std::optional<std::string> TakeAuthority(std::string_view& text) {
  if (!text.starts_with("//")) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string authority(text.substr(0, end));
  text.remove_prefix(end);
  return authority;
}

// RFC 3986, section 5.2.4, of a path that starts with a slash.
std::string WithoutDotSegments(std::string_view path) {
  std::string clean;
  while (!path.empty()) {
    const std::size_t next = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, next);
    const bool is_last = next == path.size();
    path.remove_prefix(next);
    if (segment == "/..") clean.resize(clean.empty() ? 0 : clean.rfind('/'));
    if (segment == "/." || segment == "/..") {
      if (is_last) clean += '/';
      continue;
    }
    clean += segment;
  }
  return clean;
}

// RFC 3986, section 5.2.3; a URL with an authority has at least a slash.
std::string Merge(const std::string& base_path, const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::size_t slash = base_path.rfind('/');
  return (slash == std::string::npos ? "/" : base_path.substr(0, slash + 1)) + path;
}

std::string Join(const std::string& scheme, const std::string& authority, const std::string& path,
                 const std::optional<std::string>& query) {
  std::string url = scheme + "://" + authority + WithoutDotSegments(path.empty() ? "/" : path);
  if (query) url += '?' + *query;
  return url;
}

}  // namespace

std::optional<UrlReference> ReadReference(std::string_view text) {
  if (text.size() > kReferenceBytesMax || !std::ranges::all_of(text, IsUrlByte)) {
    return std::nullopt;
  }
  text = text.substr(0, text.find('#'));
  UrlReference reference;
  reference.scheme = TakeScheme(text);
  reference.authority = TakeAuthority(text);
  const std::size_t question = text.find('?');
  reference.path = text.substr(0, question);
  if (question != std::string_view::npos) reference.query = text.substr(question + 1);
  return reference;
}

std::string ResolveReference(const UrlReference& base, const UrlReference& reference) {
  const std::string scheme = reference.scheme.value_or(base.scheme.value_or(""));
  if (reference.scheme || reference.authority) {
    return Join(scheme, reference.authority.value_or(""), Merge("", reference.path),
                reference.query);
  }
  const std::string authority = base.authority.value_or("");
  if (reference.path.empty()) {
    return Join(scheme, authority, base.path, reference.query ? reference.query : base.query);
  }
  return Join(scheme, authority, Merge(base.path, reference.path), reference.query);
}

std::string OriginOf(std::string_view url) {
  const auto parts = ReadReference(url);
  if (!parts || !parts->scheme || !parts->authority || parts->authority->empty()) return "";
  std::string host = base::AsciiLower(*parts->authority);
  host.erase(0, host.find('@') == std::string::npos ? 0 : host.rfind('@') + 1);
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  const std::string port = has_port ? host.substr(colon + 1) : "";
  if (has_port) host.resize(colon);
  const char* usual = *parts->scheme == "https" ? "443" : "80";
  return *parts->scheme + "://" + host + ':' + (port.empty() ? usual : port);
}

}  // namespace webhook::delivery
