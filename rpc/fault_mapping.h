// SPDX-License-Identifier: LGPL-3.0-or-later
// What Odoo, a proxy before it or a stranger says, as the kinds of delivery/ports/odoo_client.h.
// Every line is confirmed by recorded answers (tests/unit/rpc/golden). Pure. Details are one line,
// printable, at most 500 bytes, and hold no traceback.
//
// Kinds are decided by status and by the exception's class. Where Odoo says something by its
// message only, the text is searched for names that are never translated: the model's, the
// method's, the database's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/delivery/ports/odoo_client.h"
#include "rpc/http_session.h"

namespace webhook::rpc {

// What was called. The views outlive the decoding.
struct CallContext {
  std::string_view database;
  std::string_view model;
  std::string_view method;
};

// An exception raised in Odoo. `name` as JSON-2 and JSON-RPC give it ("odoo.exceptions.UserError")
// or as a Python traceback ends ("KeyError").
delivery::RpcFault ClassifyException(std::string_view name, std::string_view message,
                                     const CallContext& call);

// The fault of XML-RPC at /xmlrpc/2: a code, and a message or a whole traceback.
delivery::RpcFault ClassifyXmlRpcFault(std::int64_t code, std::string_view text,
                                       const CallContext& call);

// An answer that is not the protocol's own: by its status alone. Not for 200 to 299.
delivery::RpcFault ClassifyStatus(const HttpAnswer& answer);

delivery::RpcFault ClassifyFailure(const HttpFailure& failure);

// A 2xx answer that is not what the protocol promises.
delivery::RpcFault CutOffAnswer();
delivery::RpcFault NotOdooAnswer(std::string_view what, const HttpAnswer& answer);

// First line, printable, capped.
std::string FaultDetail(std::string_view text);

}  // namespace webhook::rpc
