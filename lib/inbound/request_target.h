// SPDX-License-Identifier: LGPL-3.0-or-later
// Which endpoint a request target names: /webhooks/in/<segment>, with or without a query. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace webhook::inbound {

// The segment, percent-decoded once. Nothing for any other path, an empty segment, or one that
// cannot be decoded.
std::optional<std::string> EndpointPath(std::string_view target);

}  // namespace webhook::inbound
