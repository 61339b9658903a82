// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a reference inside an HTTP message leads (RFC 3986, section 5.2), and whether two URLs are
// of one origin (RFC 6454). It only reads: whether a URL may be dialled the transport judges. Pure,
// total.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace webhook::delivery {

inline constexpr std::size_t kReferenceBytesMax = 4096;

// The parts of a URL or reference as they are written. Absent is not the same as empty.
struct UrlReference {
  std::optional<std::string> scheme;     // lower case
  std::optional<std::string> authority;  // user information, host and port
  std::string path;
  std::optional<std::string> query;  // the fragment is left out: it is never sent
};

// Nothing when it is too long or has a byte that no URL has: white space, a control, a backslash,
// what is not ASCII.
std::optional<UrlReference> ReadReference(std::string_view text);

// The absolute URL that `reference` stands for in a message from `base`, without its fragment and
// with dot segments removed. Precondition: `base` is absolute.
std::string ResolveReference(const UrlReference& base, const UrlReference& reference);

// "https://example.com:443": scheme, host and port in one spelling; empty when it has none.
std::string OriginOf(std::string_view url);

}  // namespace webhook::delivery
