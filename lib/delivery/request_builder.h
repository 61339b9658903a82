// SPDX-License-Identifier: LGPL-3.0-or-later
// The HTTP request of one attempt: content as the first attempt fixed it, transport as the endpoint
// is now. Pure.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/delivery/compiled_endpoint.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

struct RequestOptions {
  std::string user_agent;
  std::size_t response_bytes_max;
};

// The endpoint's, unless a before_send rule of the first attempt set another. Tokens are not yet
// replaced.
const std::string& TargetPath(const model::Endpoint& endpoint, const model::Delivery& delivery);

// The body's bytes are a function of body mode, payload and files alone: they are the same in every
// attempt and in a replay. Path tokens are replaced by context values, percent-encoded. Every
// attempt carries the same `webhook-id`, `Idempotency-Key` and body; `webhook-timestamp` and the
// signature are this attempt's. Of OAuth2 the token is still missing (Authorize). A field that
// cannot be sent is a dead letter that names it.
base::Result<HttpRequest, model::DeadLetter> BuildRequest(const model::Endpoint& endpoint,
                                                          const CompiledEndpoint& compiled,
                                                          const model::Delivery& delivery,
                                                          base::WallTime now,
                                                          const RequestOptions& options);

// Adds the access token of an OAuth2 endpoint.
void Authorize(const base::Secret& access_token, HttpRequest& request);

}  // namespace webhook::delivery
