// SPDX-License-Identifier: LGPL-3.0-or-later
// An HTTP/1.1 request as the bytes that go over the wire (RFC 9112), or what forbids sending it.
// Nothing of a request can break out of its place: names are tokens, values hold no controls, and
// the headers that frame a message are set here only. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/net/url.h"

namespace webhook::net {

struct RequestLimits {
  std::size_t header_count_max = 100;
  std::size_t header_bytes_max = 65536;  // names and values together
  std::size_t body_bytes_max = std::size_t{64} << 20;
};

// One sentence without header values.
struct RequestProblem {
  std::string detail;
};

// Head and body. Replies are not decoded, so "Accept-Encoding: identity" is said unless the request
// says something itself (saying nothing allows any coding: RFC 9110, 12.5.3). Expect is not used.
base::Result<std::string, RequestProblem> WriteRequest(const delivery::HttpRequest& request,
                                                       const Url& url, const RequestLimits& limits);

// RFC 9110, 5.6.2
bool IsToken(std::string_view text);

// Visible ASCII, space, tab, bytes from 0x80 on (RFC 9110, 5.5).
bool IsHeaderValue(std::string_view text);

// Headers that belong to the connection or to the framing of the message: they cannot be set.
bool IsReservedHeader(std::string_view name);

}  // namespace webhook::net
