// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes the values out of a request that the endpoint's sources name. A value is text: strings as
// they are, numbers as they are spelled, true and false; objects and lists as JSON with sorted
// keys. Missing, null and "" are missing. Pure; total.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

// All candidates of a key, tier by tier. With `several` a header parameter that comes several times
// is several candidates (signatures).
std::vector<std::string> Candidates(const CompiledInbound& endpoint, const Request& request,
                                    std::string_view key, bool several = false);

// Each key to its first candidate; keys without one are left out.
std::map<std::string, std::string> ResolveValues(const CompiledInbound& endpoint,
                                                 const Request& request);

// Each bound semantic to its value; those without one are left out.
std::map<std::string, std::string> Semantics(const CompiledInbound& endpoint,
                                             const std::map<std::string, std::string>& values);

}  // namespace webhook::inbound
