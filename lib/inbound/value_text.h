// SPDX-License-Identifier: LGPL-3.0-or-later
// What a source or a signed part takes out of a request, as text. Pure and total.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/inbound/request.h"
#include "lib/rules/path.h"

namespace webhook::inbound {

// Text as it is, numbers as they are spelled, true and false; objects and lists as compact JSON
// with sorted keys. Nothing of what is missing, null or "".
std::optional<std::string> ValueText(const model::Value& value);

// Of what is at the path in the request's payload. Nothing of more than rules::kCollectedMax items.
std::optional<std::string> PayloadText(const std::optional<rules::Path>& path,
                                       const Request& request);

// Nothing of "".
std::optional<std::string> NotEmpty(std::string_view text);
std::optional<std::string> HeaderText(const Request& request, std::string_view name);
std::optional<std::string> QueryText(const Request& request, std::string_view name);

// The first that is not empty.
std::optional<std::string> HeaderParameterText(const Request& request, std::string_view name,
                                               std::string_view parameter);

}  // namespace webhook::inbound
