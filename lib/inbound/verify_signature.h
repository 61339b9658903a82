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

// Whether a signing secret is valid at `now`; without one nobody can be blamed.
bool HasValidSecret(const CompiledInbound& endpoint, base::WallTime now);

// Freshness is checked when a limit is set and, with kHmac, a timestamp is bound; a timestamp that
// is exactly as old as it may be is accepted. Candidates of the value bound to `signature` are all
// looked at, kCandidatesMax (lib/signing) at most.
SignatureVerdict VerifySignature(const CompiledInbound& endpoint, const Request& request,
                                 base::WallTime now);

struct MissingPart {
  std::string name;  // for people: the header X-Timestamp
};

// What is signed: the endpoint's parts, joined. The body is there even when it is empty; other
// parts that are missing or empty are left out, or an error when they are required. Fields of a
// form are missing, and required, when the body has what they do not hold: files, or anything but a
// form.
base::Result<std::string, MissingPart> SignedMessage(const CompiledInbound& endpoint,
                                                     const Request& request);

// Strict: unix and unix_ms are digits only, iso8601 is RFC 3339 or lacks a zone (UTC).
std::optional<base::WallTime> ParseTimestamp(model::TimestampFormat format, std::string_view text);

}  // namespace webhook::inbound
