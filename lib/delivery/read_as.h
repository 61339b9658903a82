// SPDX-License-Identifier: LGPL-3.0-or-later
// What a native callback may ask of Odoo: reading, as the execution user of its job. The texts
// between the callback and the contract. Pure.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/delivery/ports/odoo_client.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

// A callback's question, and the answers it gets (ports/callback_runner.h, ReadAsFunction).
base::Result<model::ReadAs, std::string> ParseReadAs(const std::string& question_json);
std::string ReadAsReply(const RpcReply& reply);
std::string ReadAsError(const std::string& message);

}  // namespace webhook::delivery
