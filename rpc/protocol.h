// SPDX-License-Identifier: LGPL-3.0-or-later
// One blocking call of a model's method on an Odoo server, whatever the protocol. Implementations:
// json2.h, service_protocol.h (JSON-RPC and XML-RPC) and connection.h, which picks one of them.
// One thread at a time, but for Cancel().
#pragma once

#include <string>
#include <string_view>

#include "lib/base/time.h"
#include "lib/delivery/ports/odoo_client.h"

namespace webhook::rpc {

inline constexpr std::string_view kWorkerModel = "bwt.webhook.worker";

// The method's name on the model, as schema/contract/ spells it.
std::string_view MethodName(delivery::ContractMethod method);

class Protocol {
 public:
  virtual ~Protocol() = default;

  // Calls `model.method(request)`, a text to a text. `timeout` is for everything: connecting,
  // logging in, sending, the whole answer. Never throws for what the server or the network does.
  virtual delivery::RpcReply CallMethod(std::string_view model, std::string_view method,
                                        const std::string& request, base::Milliseconds timeout) = 0;

  // Ends the call under way, as if its time were over, and every later one before it starts. Any
  // thread.
  virtual void Cancel() = 0;

  delivery::RpcReply Call(delivery::ContractMethod method, const std::string& request,
                          base::Milliseconds timeout) {
    return CallMethod(kWorkerModel, MethodName(method), request, timeout);
  }
};

}  // namespace webhook::rpc
