// SPDX-License-Identifier: LGPL-3.0-or-later
// The time of a signature as its format spells it: whole seconds, milliseconds, or RFC 3339 in UTC.
// Pure.
#pragma once

#include <string>

#include "lib/base/time.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

std::string TimestampText(model::TimestampFormat format, base::WallTime now);

}  // namespace webhook::delivery
