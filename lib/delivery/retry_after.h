// SPDX-License-Identifier: LGPL-3.0-or-later
// Retry-After, RFC 9110, section 10.2.3: seconds, or an HTTP date in any of the three forms of
// section 5.6.7. Pure, total.
#pragma once

#include <optional>

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"

namespace webhook::delivery {

// Nothing when the header is missing, malformed, repeated, or says a moment in the past.
std::optional<base::Milliseconds> RetryAfter(const HttpHeaders& headers, base::WallTime now);

}  // namespace webhook::delivery
