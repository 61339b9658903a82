// SPDX-License-Identifier: LGPL-3.0-or-later
// Odoo's JSON-RPC 2.0 at /jsonrpc (Odoo 17 to 19): errors come with HTTP status 200.
#pragma once

#include "rpc/service_codec.h"

namespace webhook::rpc {

class JsonRpc final : public ServiceCodec {
 public:
  HttpCall Encode(const ServiceCall& call) const override;
  base::Result<ServiceValue, delivery::RpcFault> Decode(const HttpAnswer& answer,
                                                        const CallContext& call) const override;
};

}  // namespace webhook::rpc
