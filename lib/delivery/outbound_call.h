// SPDX-License-Identifier: LGPL-3.0-or-later
// One attempt's conversation with its receiver: fetch an access token if the endpoint wants one,
// send, fetch a fresh token and send once more on 401, follow redirects where the endpoint allows
// them. Lives on the strand.
#pragma once

#include <functional>

#include "lib/delivery/access_tokens.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

class OutboundCalls {
 public:
  explicit OutboundCalls(const EnginePorts& ports);

  // `book` keeps endpoint and compiled endpoint alive. `done` runs once, on the strand. The
  // request's timeout is that of the whole conversation. A token that cannot be had is
  // TransportErrorKind::kAuth, and nothing has left.
  void Send(const model::Endpoint& endpoint, const HandlerBookPtr& book, HttpRequest request,
            std::function<void(HttpResult)> done);

 private:
  struct Conversation;
  // …
};

}  // namespace webhook::delivery
