// SPDX-License-Identifier: LGPL-3.0-or-later
// One claimed delivery on its way through the sender. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/delivery/finish.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/delivery/redactor.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

struct SendJob {
  model::Delivery delivery;
  HandlerBookPtr book;
  const model::Endpoint* endpoint = nullptr;       // inside the book
  const CompiledEndpoint* compiled = nullptr;      // inside the book
  const model::RetryPolicy* policy = nullptr;      // inside the book
  const model::Handler* handler = nullptr;         // inside the book; null: there is none
  const rules::CompiledHandler* rules = nullptr;   // inside the book; null: no rules
  std::optional<model::Execution> execution;       // of before_send
  std::optional<model::FrozenContent> frozen;      // fixed by this attempt
  std::vector<model::RecordOperation> operations;  // of a callback before sending
  HttpRequest request;
  model::Attempt attempt;
  std::string settlement_uid;
  base::SteadyTime started;
  Redactor redactor;  // the endpoint's, with the access tokens of this attempt
  Finish::Receiver receiver = Finish::Receiver::kNotAsked;
};

}  // namespace webhook::delivery
