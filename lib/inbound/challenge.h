// SPDX-License-Identifier: LGPL-3.0-or-later
// How senders ask, when they are set up, whether an address is ours: Meta's GET with hub.challenge,
// Microsoft's POST ?validationToken=, Slack's url_verification. What is answered is text that the
// sender chose: kChallengeCharactersMax printable ASCII characters at most. Pure; any thread;
// total.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/judge.h"
#include "lib/inbound/rejection_category.h"
#include "lib/inbound/request.h"

namespace webhook::inbound {

inline constexpr std::size_t kChallengeCharactersMax = 1000;

struct ChallengeRefused {
  RejectionCategory category;
  std::string reason;
};

// Nothing: the request is none.
using ChallengeVerdict = std::optional<std::variant<Challenged, ChallengeRefused>>;

// Before the signature: senders do not sign these. Only what the endpoint is configured for.
ChallengeVerdict UnsignedChallenge(const CompiledInbound& endpoint, const Request& request);

// After the signature: reads the body.
ChallengeVerdict SignedChallenge(const CompiledInbound& endpoint, const Request& request);

}  // namespace webhook::inbound
