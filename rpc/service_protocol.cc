// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/service_protocol.h"

#include <utility>
#include <variant>

namespace webhook::rpc {

using delivery::RpcFault;
using delivery::RpcFaultKind;
using delivery::RpcReply;

ServiceProtocol::ServiceProtocol(std::unique_ptr<ServiceCodec> codec, HttpSession& session,
                                 KeyHolder& key, const ConnectionOptions& options)
    : codec_(std::move(codec)),
      session_(session),
      key_(key),
      database_(options.database),
      login_(options.login) {}

RpcReply ServiceProtocol::CallMethod(std::string_view model, std::string_view method,
                                     const std::string& request, base::Milliseconds timeout) {
  const base::SteadyTime deadline = session_.DeadlineAfter(timeout);
  const CallContext call{database_, model, method};
  const bool was_logged_in = user_id_ != 0;
  RpcReply reply = LogInAndExecute(call, request, deadline);
  if (reply.ok() || reply.error().kind != RpcFaultKind::kKeyRefused) return reply;
  // Odoo counts refused log-ins: the same key is tried again only where the id may be the reason.
  const bool key_changed = key_.Reread();
  return key_changed || was_logged_in ? LogInAndExecute(call, request, deadline) : std::move(reply);
}

RpcReply ServiceProtocol::LogInAndExecute(const CallContext& call, const std::string& request,
                                          base::SteadyTime deadline) {
  if (user_id_ == 0) {
    auto user_id = LogIn(deadline);
    if (!user_id.ok()) return std::move(user_id.error());
    user_id_ = user_id.value();
  }
  RpcReply reply = Execute(call, request, deadline);
  if (!reply.ok() && reply.error().kind != RpcFaultKind::kUnknown &&
      reply.error().kind != RpcFaultKind::kUnreachable &&
      reply.error().kind != RpcFaultKind::kBusy) {
    user_id_ = 0;
  }
  return reply;
}

base::Result<std::int64_t, RpcFault> ServiceProtocol::LogIn(base::SteadyTime deadline) {
  const base::Secret& key = key_.Current();
  if (key.empty()) return RpcFault{RpcFaultKind::kKeyRefused, "there is no API key"};
  auto value = Exchange(
      {.service = "common", .method = "login", .arguments = {database_, login_, key.Reveal()}},
      {database_, "res.users", "login"}, deadline);
  if (!value.ok()) {
    RpcFault& fault = value.error();
    // The call itself was not sent yet.
    if (fault.kind == RpcFaultKind::kUnknown) fault.kind = RpcFaultKind::kUnreachable;
    fault.detail = FaultDetail("log-in: " + fault.detail);
    return std::move(fault);
  }
  const auto* const user_id = std::get_if<std::int64_t>(&value.value());
  if (user_id != nullptr && *user_id > 0) return *user_id;
  if (std::holds_alternative<bool>(value.value())) {
    return RpcFault{RpcFaultKind::kKeyRefused,
                    FaultDetail("Odoo refuses the log-in of \"" + login_ + "\" with this key")};
  }
  return RpcFault{RpcFaultKind::kNotOdoo, "log-in: the answer is no user id"};
}

RpcReply ServiceProtocol::Execute(const CallContext& call, const std::string& request,
                                  base::SteadyTime deadline) {
  auto value =
      Exchange({.service = "object",
                .method = "execute_kw",
                .arguments = {database_, user_id_, key_.Current().Reveal(), std::string(call.model),
                              std::string(call.method), std::vector<std::string>{request}}},
               call, deadline);
  if (!value.ok()) return std::move(value.error());
  auto* const text = std::get_if<std::string>(&value.value());
  if (text == nullptr) return RpcFault{RpcFaultKind::kNotOdoo, "the answer is not a text"};
  return std::move(*text);
}

ServiceProtocol::ServiceReply ServiceProtocol::Exchange(const ServiceCall& service_call,
                                                        const CallContext& call,
                                                        base::SteadyTime deadline) {
  auto outcome = session_.Send(codec_->Encode(service_call), deadline);
  if (!outcome.ok()) return ClassifyFailure(outcome.error());
  return codec_->Decode(outcome.value(), call);
}

}  // namespace webhook::rpc
