// SPDX-License-Identifier: LGPL-3.0-or-later
// The few scalars a reply's envelope is made of, read from JSON of any size and depth without
// building the document (nesting costs a bit a level). Pure, never throws on any input.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "lib/base/result.h"

namespace webhook::rpc {

// Something that is there but is neither text, integer nor boolean: null, a fraction, an object.
struct OtherJson {};

using JsonScalar = std::variant<OtherJson, bool, std::int64_t, std::string>;
using JsonScalars = std::map<std::string, JsonScalar, std::less<>>;

enum class JsonTrouble {
  kCutOff,   // it begins as JSON and ends too early, or there is nothing at all
  kInvalid,  // it is not JSON
};

// The values at `paths` that are there. A path is the keys from the root joined by dots
// ("error.data.name"); the root itself is "". Of repeated keys the last one counts.
base::Result<JsonScalars, JsonTrouble> ReadJsonScalars(std::string_view json,
                                                       std::span<const std::string_view> paths);

}  // namespace webhook::rpc
