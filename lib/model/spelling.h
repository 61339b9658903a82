// SPDX-License-Identifier: LGPL-3.0-or-later
// How states, outcomes and reasons are stored and shown. A spelling never changes once released;
// tests pin each.
#pragma once

#include <string_view>

#include "lib/model/delivery.h"
#include "lib/model/inbound_endpoint.h"
#include "lib/model/outcome.h"

namespace webhook::model {

std::string_view Spelling(DeliveryState state);
std::string_view Spelling(FailureReason reason);
std::string_view Spelling(const Outcome& outcome);
std::string_view Spelling(SourceKind kind);
std::string_view Spelling(Operator op);
std::string_view Spelling(Scope scope);
std::string_view Spelling(Phase phase);
std::string_view Spelling(Action action);
std::string_view Spelling(LookupPolicy policy);
std::string_view Spelling(FieldType type);
std::string_view Spelling(OperationKind kind);
std::string_view Spelling(JobKind kind);
// Also the sources of identity keys.
std::string_view Spelling(DeliveryIdentity policy);
std::string_view Spelling(ReplayIdentity policy);

}  // namespace webhook::model
