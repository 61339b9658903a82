// SPDX-License-Identifier: LGPL-3.0-or-later
// Which protocol to speak with a server: JSON-2 where it is there (Odoo 19 and later), else
// JSON-RPC, else XML-RPC. Asks for versions only, logs nobody in.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/odoo_client.h"
#include "rpc/http_session.h"
#include "rpc/options.h"

namespace webhook::rpc {

struct Detected {
  ProtocolKind kind;
  std::string server_version;  // "19.0"
  std::string sentence;        // for people
};

// Blocking. kUnreachable: nobody there, or no answer; kBusy: it says so; kNotOdoo: something that
// is no Odoo. Each with a sentence.
base::Result<Detected, delivery::RpcFault> Detect(HttpSession& session, base::SteadyTime deadline);

}  // namespace webhook::rpc
