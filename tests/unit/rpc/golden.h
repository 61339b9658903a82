// SPDX-License-Identifier: LGPL-3.0-or-later
// The recorded answers of golden/, and short names for what they decode to.
#pragma once

#include <map>
#include <string>

#include "lib/delivery/ports/odoo_client.h"
#include "rpc/http_session.h"

namespace webhook::rpc {

// By case, out of golden/<name>.json. Throws when the file cannot be read.
std::map<std::string, HttpAnswer> LoadGolden(const std::string& name);

const char* KindName(delivery::RpcFaultKind kind);

// "Unknown", "Busy" ... for a fault, "text: ..." for an answer.
std::string Summary(const delivery::RpcReply& reply);

}  // namespace webhook::rpc
