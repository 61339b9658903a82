// SPDX-License-Identifier: LGPL-3.0-or-later
// How states, outcomes and reasons are stored and shown. A spelling never changes once released;
// tests pin each.
#pragma once

#include <string_view>

#include "lib/model/delivery.h"
#include "lib/model/outcome.h"

namespace webhook::model {

std::string_view Spelling(DeliveryState state);
std::string_view Spelling(FailureReason reason);
std::string_view Spelling(const Outcome& outcome);

}  // namespace webhook::model
