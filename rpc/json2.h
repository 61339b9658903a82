// SPDX-License-Identifier: LGPL-3.0-or-later
// JSON-2 (Odoo 19 and later): POST /json/2/<model>/<method>, keyword arguments in, the method's
// value out, errors by HTTP status. See Protocol for threads.
#pragma once

#include <string>
#include <string_view>

#include "rpc/fault_mapping.h"
#include "rpc/http_session.h"
#include "rpc/key_holder.h"
#include "rpc/options.h"
#include "rpc/protocol.h"

namespace webhook::rpc {

class Json2 final : public Protocol {
 public:
  // Session and key outlive it.
  Json2(HttpSession& session, KeyHolder& key, const ConnectionOptions& options);

  delivery::RpcReply CallMethod(std::string_view model, std::string_view method,
                                const std::string& request, base::Milliseconds timeout) override;
  void Cancel() override { session_.Cancel(); }

 private:
  delivery::RpcReply CallOnce(const CallContext& call, const std::string& request,
                              base::SteadyTime deadline);

  HttpSession& session_;
  KeyHolder& key_;
  const std::string database_;
};

// Pure: the answer's text, or what it means.
delivery::RpcReply DecodeJson2(const HttpAnswer& answer, const CallContext& call);

}  // namespace webhook::rpc
