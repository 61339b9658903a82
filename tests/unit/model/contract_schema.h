// SPDX-License-Identifier: LGPL-3.0-or-later
// Checks texts against schema/contract/*.schema.json, whose definitions share one name space.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace webhook::model {

// "" when the text is JSON of that definition ("claim_request"), else what does not fit.
std::string SchemaErrors(const std::string& definition, std::string_view text);

// How many values the schema lists for a member of a definition.
std::size_t SchemaEnumSize(const std::string& definition, const std::string& member);

// Whether the text has bytes of printable ASCII only, as everything on the wire must.
bool IsAscii(std::string_view text);

}  // namespace webhook::model
