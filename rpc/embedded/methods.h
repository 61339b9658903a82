// SPDX-License-Identifier: LGPL-3.0-or-later
// The methods of the contract on the double's database (schema/contract/README.md). Requests fit
// their schema already; answers come without the envelope. Pure apart from the database.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "rpc/embedded/state.h"

namespace webhook::embedded {

nlohmann::json Hello(Database& db, const nlohmann::json& request);
nlohmann::json Configuration(const Database& db, const nlohmann::json& request);
nlohmann::json Claim(Database& db, const nlohmann::json& request, std::int64_t now_ms);
nlohmann::json Renew(Database& db, const nlohmann::json& request, std::int64_t now_ms);
nlohmann::json Release(Database& db, const nlohmann::json& request);
nlohmann::json Settle(Database& db, const nlohmann::json& request);

}  // namespace webhook::embedded
