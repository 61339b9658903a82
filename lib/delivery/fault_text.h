// SPDX-License-Identifier: LGPL-3.0-or-later
// Kinds of Odoo faults in logs: their stored spelling, and what an operator does about them. Pure.
#pragma once

#include <string_view>

#include "lib/delivery/ports/odoo_client.h"

namespace webhook::delivery {

std::string_view Spelling(RpcFaultKind kind);

// One sentence for an operator.
std::string_view Advice(RpcFaultKind kind);

}  // namespace webhook::delivery
