// SPDX-License-Identifier: LGPL-3.0-or-later
// The send test: one real, marked request to an endpoint as it is configured now, whatever its
// state, and what its receiver answered, in words for a person. Nothing of it is recorded. Lives on
// the strand.
#pragma once

#include <functional>
#include <string>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/outbound_call.h"
#include "lib/delivery/request_builder.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

class ProbeSender {
 public:
  using Done = std::function<void(const model::ProbeAnswer&)>;

  ProbeSender(RequestOptions options, const EnginePorts& ports, OutboundCalls& calls);

  // `done` runs once, on the strand; inside this call when there is nothing to send.
  void Send(model::Delivery delivery, const HandlerBookPtr& book, const Done& done);

 private:
  struct Test;

  void Dispatch(Test test, HttpRequest request, const HandlerBookPtr& book, const Done& done);
  model::ProbeAnswer AnswerOf(Test test, const OutboundResult& outbound) const;

  const RequestOptions options_;
  base::Clock& clock_;
  base::Random& random_;
  OutboundCalls& calls_;
};

}  // namespace webhook::delivery
