// SPDX-License-Identifier: LGPL-3.0-or-later
// The HTTP request of one attempt: content as it was queued, transport as the endpoint is now.
// Pure.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

struct RequestOptions {
  std::string user_agent;
  std::size_t response_bytes_max;
};

// The endpoint's, unless a before_send rule of the first attempt set another.
const std::string& TargetPath(const model::Endpoint& endpoint, const model::Delivery& delivery);

// Every attempt of a delivery carries the same `webhook-id`, `Idempotency-Key` and body; only
// `webhook-timestamp` (Unix seconds of this attempt) changes: Standard Webhooks 1.0.0. A header
// that the delivery may not set is a dead letter that names it.
base::Result<HttpRequest, model::DeadLetter> BuildRequest(const model::Endpoint& endpoint,
                                                          const model::Delivery& delivery,
                                                          base::WallTime now,
                                                          const RequestOptions& options);

}  // namespace webhook::delivery
