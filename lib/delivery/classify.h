// SPDX-License-Identifier: LGPL-3.0-or-later
// What a reply, or its absence, means (design: 2xx delivered; a closed list is final; the rest is
// retried). Pure, total.
#pragma once

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/delivery/status_set.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

// `now` turns the date form of Retry-After into a delay. The policy's sets override the list, the
// final one first; 2xx is delivered whatever they say, and 410 stays endpoint_gone unless it is
// retried.
model::Outcome Classify(const HttpResult& result, base::WallTime now,
                        const StatusSet& retry_statuses = {}, const StatusSet& final_statuses = {});

}  // namespace webhook::delivery
