// SPDX-License-Identifier: LGPL-3.0-or-later
// What JSON-RPC and XML-RPC have in common: a service ("common", "object"), a method of it, a list
// of arguments, a value back. Implementations: jsonrpc.h, xmlrpc.h. Pure, never throw on any input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/delivery/ports/odoo_client.h"
#include "rpc/fault_mapping.h"
#include "rpc/http_session.h"

namespace webhook::rpc {

using ServiceArgument = std::variant<std::int64_t, std::string, std::vector<std::string>>;

struct ServiceCall {
  std::string_view service;
  std::string_view method;
  std::vector<ServiceArgument> arguments;
};

// The answer of common.version().
struct ServerVersion {
  std::string text;  // "19.0"
};

// No value, or one that no call of ours has.
struct OtherValue {};

using ServiceValue = std::variant<OtherValue, bool, std::int64_t, std::string, ServerVersion>;

class ServiceCodec {
 public:
  virtual ~ServiceCodec() = default;
  virtual HttpCall Encode(const ServiceCall& call) const = 0;
  virtual base::Result<ServiceValue, delivery::RpcFault> Decode(const HttpAnswer& answer,
                                                                const CallContext& call) const = 0;
};

}  // namespace webhook::rpc
