// SPDX-License-Identifier: LGPL-3.0-or-later
// JSON-RPC and XML-RPC: log in for a user id once, then object.execute_kw with it; the codec is the
// difference. The id is forgotten when Odoo refuses a call, so that a user made anew is found. See
// Protocol for threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rpc/http_session.h"
#include "rpc/key_holder.h"
#include "rpc/options.h"
#include "rpc/protocol.h"
#include "rpc/service_codec.h"

namespace webhook::rpc {

class ServiceProtocol final : public Protocol {
 public:
  // Session and key outlive it.
  ServiceProtocol(std::unique_ptr<ServiceCodec> codec, HttpSession& session, KeyHolder& key,
                  const ConnectionOptions& options);

  delivery::RpcReply CallMethod(std::string_view model, std::string_view method,
                                const std::string& request, base::Milliseconds timeout) override;
  void Cancel() override { session_.Cancel(); }

 private:
  using ServiceReply = base::Result<ServiceValue, delivery::RpcFault>;

  delivery::RpcReply LogInAndExecute(const CallContext& call, const std::string& request,
                                     base::SteadyTime deadline);
  base::Result<std::int64_t, delivery::RpcFault> LogIn(base::SteadyTime deadline);
  delivery::RpcReply Execute(const CallContext& call, const std::string& request,
                             base::SteadyTime deadline);
  ServiceReply Exchange(const ServiceCall& service_call, const CallContext& call,
                        base::SteadyTime deadline);

  const std::unique_ptr<ServiceCodec> codec_;
  HttpSession& session_;
  KeyHolder& key_;
  const std::string database_;
  const std::string login_;
  std::int64_t user_id_ = 0;  // 0: not logged in
};

}  // namespace webhook::rpc
