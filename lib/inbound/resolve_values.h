// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes the values out of a request that the endpoint's sources name. A value is text: strings as
// they are, numbers as they are spelled, true and false; objects and lists as JSON with sorted
// keys. Missing, null and "" are missing. Pure; total.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

inline constexpr std::size_t kCandidateBytesMax = 16U << 20;  // a tier with more has no value
inline constexpr std::size_t kValueBytesMax = 64U << 10;      // as it is stored

// All candidates of a key, tier by tier: signing::kCandidatesMax, and those of the last tier, at
// most. With `several` (signatures) a header parameter that comes several times is several
// candidates, and so is a header that is a list, separated by commas or blanks.
std::vector<std::string> Candidates(const CompiledInbound& endpoint, const Request& request,
                                    std::string_view key, bool several = false);

// The first candidate.
std::optional<std::string> FirstCandidate(const CompiledInbound& endpoint, const Request& request,
                                          std::string_view key);

// Whether a source of the key reads a header that holds credentials, and does not hash it.
bool ShowsCredential(const CompiledInbound& endpoint, std::string_view key);

// Each key to its first candidate as it may be stored (lib/inbound/stored_text.h), kValueBytesMax
// of it; credentials are ***. Keys without one are left out.
std::map<std::string, std::string> ResolveValues(const CompiledInbound& endpoint,
                                                 const Request& request);

// Each bound semantic to its value; those without one are left out.
std::map<std::string, std::string> Semantics(const CompiledInbound& endpoint,
                                             const std::map<std::string, std::string>& values);

}  // namespace webhook::inbound
