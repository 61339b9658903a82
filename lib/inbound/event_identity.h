// SPDX-License-Identifier: LGPL-3.0-or-later
// What makes a request the same as another one, as the endpoint's policies say. Pure; any thread;
// total.
#pragma once

#include <cstddef>

#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/request.h"
#include "lib/model/contract.h"

namespace webhook::inbound {

inline constexpr std::size_t kIdentityKeyBytesMax = 512;

// Fills the event's keys. A value that is longer, that cannot be stored as it is, or that is a
// credential is stood for by `sha256:` and its hash. False: the request has not what a policy
// wants.
bool SetIdentity(const CompiledInbound& endpoint, const Request& request,
                 model::IngestedEvent& event);

}  // namespace webhook::inbound
