// SPDX-License-Identifier: LGPL-3.0-or-later
// The immutable record of one finished try, captured and redacted as the endpoint says. Pure.
#pragma once

#include <string>

#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

// The request's side, before it is sent.
model::Attempt BeginAttempt(const model::Endpoint& endpoint, const HttpRequest& request,
                            std::string attempt_uid, base::WallTime started_at);

// Adds the reply's side. Header values that carry credentials are replaced by "(redacted)".
void FinishAttempt(const model::Endpoint& endpoint, const HttpResult& result,
                   base::Milliseconds duration, model::Attempt& attempt);

// How a transport failure is stored: "connect", "timeout", …
std::string_view Spelling(TransportErrorKind kind);

}  // namespace webhook::delivery
