// SPDX-License-Identifier: LGPL-3.0-or-later
// The immutable record of one finished try, captured as the endpoint says, without secrets. Pure.
#pragma once

#include <string>

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/delivery/redactor.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

// The request's side, before it is sent. `redactor`: of the compiled endpoint.
model::Attempt BeginAttempt(const model::Endpoint& endpoint, const Redactor& redactor,
                            const HttpRequest& request, std::string attempt_uid,
                            base::WallTime started_at);

// Adds the reply's side. `redactor`: the endpoint's, with the access token that was sent.
void FinishAttempt(const model::Endpoint& endpoint, const Redactor& redactor,
                   const HttpResult& result, base::Milliseconds duration, model::Attempt& attempt);

// How a transport failure is stored: "connect", "timeout", …
std::string_view Spelling(TransportErrorKind kind);

}  // namespace webhook::delivery
