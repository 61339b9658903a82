// SPDX-License-Identifier: LGPL-3.0-or-later
// UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits, so that
// indexes over them grow at one end.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/random.h"
#include "lib/base/time.h"

namespace webhook::base {

// Lower-case, with hyphens: 36 characters.
std::string MakeUuid7(WallTime now, Random& random);

// Whether the text is 36 characters of lower-case hexadecimal digits and hyphens in the right
// places.
bool IsUuid(std::string_view text);

}  // namespace webhook::base
