// SPDX-License-Identifier: LGPL-3.0-or-later
// What is kept of a request: as ingest takes it to Odoo. Header names are lower case, credentials
// are ***, texts are as lib/inbound/stored_text.h writes them; the body is byte for byte what came.
// Pure; any thread; total.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/rejection_category.h"
#include "lib/inbound/request.h"
#include "lib/model/contract.h"

namespace webhook::inbound {

inline constexpr std::size_t kRejectedBodyBytesMax = 16U << 10;
inline constexpr std::size_t kHeaderBytesMax = 64U << 10;  // of one header's or parameter's value
inline constexpr std::size_t kPayloadBytesMax = 10U
                                                << 20;  // of `payload`; a larger one is left out

// Everything but its identity.
model::IngestedEvent AcceptedEvent(const CompiledInbound& endpoint, const Request& request,
                                   std::string event_uid, std::map<std::string, std::string> values,
                                   std::map<std::string, std::string> semantics);

model::IngestedEvent RejectedEvent(const CompiledInbound& endpoint, const Request& request,
                                   std::string event_uid, RejectionCategory category,
                                   const std::string& reason);

}  // namespace webhook::inbound
