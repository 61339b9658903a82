// SPDX-License-Identifier: LGPL-3.0-or-later
// An answer as the bytes of HTTP/1.1, and the answers that the server gives itself. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/time.h"
#include "lib/delivery/ports/request_receiver.h"

namespace webhook::net {

struct AnswerFraming {
  std::string_view date;  // of HttpDate
  bool closes;            // the connection ends behind it
  bool is_for_head;       // the body's length is said, the body is not sent
};

// Headers of the answer that belong to the framing, that are malformed, or that name the server are
// left out. 204 and 304 have no body.
std::string WriteAnswer(const delivery::ReceiverAnswer& answer, const AnswerFraming& framing);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string HttpDate(base::WallTime now);

// JSON without detail. 503 asks to come again after `retry_after`.
delivery::ReceiverAnswer OwnAnswer(int status_code, base::Milliseconds retry_after);

}  // namespace webhook::net
