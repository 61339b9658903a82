// SPDX-License-Identifier: LGPL-3.0-or-later
// Text as a part of a URL: RFC 3986, section 2.1. Pure and total.
#pragma once

#include <string>
#include <string_view>

namespace webhook::rules {

// Every byte that is not unreserved (letters, digits, - . _ ~) as %XX: the text can neither end a
// segment of a path nor begin a query.
std::string PercentEncoded(std::string_view text);

// Whether a path, without its query, has a segment that servers read as "here" or "one up": . and
// .., also written as %2e.
bool HasDotSegment(std::string_view path);

}  // namespace webhook::rules
