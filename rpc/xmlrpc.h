// SPDX-License-Identifier: LGPL-3.0-or-later
// Odoo's XML-RPC at /xmlrpc/2/<service> (Odoo 17 to 19; http://xmlrpc.com/spec.md). Strict on what
// comes in: no markup declarations, no attributes, few and shallow elements, only the shapes that
// calls of ours are answered with.
#pragma once

#include "rpc/service_codec.h"

namespace webhook::rpc {

class XmlRpc final : public ServiceCodec {
 public:
  HttpCall Encode(const ServiceCall& call) const override;
  base::Result<ServiceValue, delivery::RpcFault> Decode(const HttpAnswer& answer,
                                                        const CallContext& call) const override;
};

}  // namespace webhook::rpc
