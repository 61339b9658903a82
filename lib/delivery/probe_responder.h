// SPDX-License-Identifier: LGPL-3.0-or-later
// Answers the questions of Odoo's buttons: what would these rules do, what does the receiver say.
// Lives on the strand.
#pragma once

#include <string>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/outbound_call.h"
#include "lib/delivery/probe_send.h"
#include "lib/delivery/request_builder.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

class ProbeResponder {
 public:
  ProbeResponder(std::string worker_uid, base::Milliseconds call_timeout, RequestOptions options,
                 const EnginePorts& ports, OutboundCalls& calls);

  // At once, or when the receiver has answered.
  void Answer(const model::Probe& probe, const HandlerBookPtr& book);

 private:
  void Tell(const std::string& probe_uid, const model::ProbeAnswer& answer);

  const std::string worker_uid_;
  const base::Milliseconds call_timeout_;
  base::EventLog& log_;
  OdooClient& odoo_;
  ProbeSender sender_;
};

}  // namespace webhook::delivery
