// SPDX-License-Identifier: LGPL-3.0-or-later
// The signature of a request, over its raw bytes, then its freshness. Pure; any thread; total.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/time.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

enum class SignatureVerdict { kValid, kMissing, kWrong, kTimestampInvalid, kTooOld, kTooNew };

// Candidates of the value bound to `signature` are all looked at, kCandidatesMax (lib/signing) at
// most.
SignatureVerdict VerifySignature(const CompiledInbound& endpoint, const Request& request,
                                 base::WallTime now);

// What is signed: the endpoint's parts, joined. The error names the required part that is missing.
base::Result<std::string, std::string> SignedMessage(const CompiledInbound& endpoint,
                                                     const Request& request);

// Strict: unix and unix_ms are digits only, iso8601 is RFC 3339 or lacks a zone (UTC).
std::optional<base::WallTime> ParseTimestamp(model::TimestampFormat format, std::string_view text);

}  // namespace webhook::inbound
