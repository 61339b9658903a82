// SPDX-License-Identifier: LGPL-3.0-or-later
// What a reply, or its absence, means (design: 2xx delivered; a closed list is final; the rest is
// retried). Pure, total.
#pragma once

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

// `now` turns the date form of Retry-After into a delay.
model::Outcome Classify(const HttpResult& result, base::WallTime now);

}  // namespace webhook::delivery
