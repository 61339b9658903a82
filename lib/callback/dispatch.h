// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls one callback of a registry: from the context's JSON to the reply. Whatever the callback
// throws is a reply; whatever it returns that does not fit the context is none.
#pragma once

#include <string>
#include <string_view>

#include "lib/callback/answer_json.h"
#include "lib/callback/context.h"
#include "lib/callback/registry.h"

namespace webhook::callback {

Reply Dispatch(const Registry& registry, const std::string& name, std::string_view context_json,
               const ContextHost& host);

}  // namespace webhook::callback
