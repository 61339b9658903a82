// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/connection.h"

#include <utility>

#include "lib/base/assert.h"
#include "rpc/detect.h"
#include "rpc/json2.h"
#include "rpc/jsonrpc.h"
#include "rpc/service_protocol.h"
#include "rpc/xmlrpc.h"

namespace webhook::rpc {

using delivery::RpcFaultKind;
using delivery::RpcReply;

std::string_view ProtocolName(ProtocolKind kind) {
  switch (kind) {
    case ProtocolKind::kJson2:
      return "json2";
    case ProtocolKind::kJsonRpc:
      return "jsonrpc";
    case ProtocolKind::kXmlRpc:
      return "xmlrpc";
  }
  WEBHOOK_ASSERT(false);
}

Connection::Connection(ServerUrl url, ConnectionOptions options, const base::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      session_(std::move(url), options_, clock),
      key_(options_.key) {}

Connection::~Connection() = default;

RpcReply Connection::CallMethod(std::string_view model, std::string_view method,
                                const std::string& request, base::Milliseconds timeout) {
  RpcReply reply = CallChosen(model, method, request, session_.DeadlineAfter(timeout));
  if (reply.ok()) return reply;
  if (reply.error().kind == RpcFaultKind::kNotOdoo) protocol_.reset();
  reply.error().detail = key_.Redacted(std::move(reply.error().detail));
  return reply;
}

RpcReply Connection::CallChosen(std::string_view model, std::string_view method,
                                const std::string& request, base::SteadyTime deadline) {
  if (protocol_ == nullptr && options_.protocol) {
    sentence_ = "spoken to by " + std::string(ProtocolName(*options_.protocol)) + ", as configured";
    protocol_ = Make(*options_.protocol);
  }
  if (protocol_ == nullptr) {
    auto detected = Detect(session_, deadline);
    if (!detected.ok()) return std::move(detected.error());
    sentence_ = detected.value().sentence;
    protocol_ = Make(detected.value().kind);
  }
  return protocol_->CallMethod(model, method, request, deadline - clock_.SteadyNow());
}

void Connection::Cancel() { session_.Cancel(); }

std::unique_ptr<Protocol> Connection::Make(ProtocolKind kind) {
  switch (kind) {
    case ProtocolKind::kJson2:
      return std::make_unique<Json2>(session_, key_, options_);
    case ProtocolKind::kJsonRpc:
      return std::make_unique<ServiceProtocol>(std::make_unique<JsonRpc>(), session_, key_,
                                               options_);
    case ProtocolKind::kXmlRpc:
      return std::make_unique<ServiceProtocol>(std::make_unique<XmlRpc>(), session_, key_,
                                               options_);
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace webhook::rpc
