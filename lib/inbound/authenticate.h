// SPDX-License-Identifier: LGPL-3.0-or-later
// Basic (RFC 7617), bearer (RFC 6750) and API keys of requests. Both sides are hashed before they
// are compared, in constant time: neither content nor length leaks. Pure; any thread; total.
#pragma once

#include <string_view>

#include "lib/base/secret.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

// Always of an endpoint without authentication; never with an empty credential.
bool IsAuthentic(const CompiledInbound& endpoint, const Request& request);

// Whether somebody knows the secret; nobody knows an empty one.
bool IsSecret(std::string_view given, const base::Secret& secret);

}  // namespace webhook::inbound
