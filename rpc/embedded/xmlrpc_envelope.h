// SPDX-License-Identifier: LGPL-3.0-or-later
// The server's side of XML-RPC as Odoo speaks it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>

#include "rpc/embedded/rpc_service.h"

namespace webhook::embedded {

// The method's name and its parameters, an array; nullopt for what is no methodCall.
std::optional<std::pair<std::string, nlohmann::json>> DecodeXmlCall(const std::string& body);

// A methodResponse. Control characters are left out, as Odoo does; null and floats are not spoken.
std::string EncodeXmlResult(const nlohmann::json& result);
std::string EncodeXmlFault(const ServerError& error);

}  // namespace webhook::embedded
