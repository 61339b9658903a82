// SPDX-License-Identifier: LGPL-3.0-or-later
// Judges one request for one endpoint: address, authentication, challenge, signature, freshness,
// payload, identity, in this order; nothing is parsed before it is verified unless the endpoint's
// own configuration signs a part of the payload. Pure; any thread; total for any request.
#pragma once

#include <string>
#include <variant>

#include "lib/base/time.h"
#include "lib/inbound/compiled_inbound.h"
#include "lib/inbound/rejection_category.h"
#include "lib/inbound/request.h"
#include "lib/model/contract.h"

namespace webhook::inbound {

// It is to be stored, then answered 202.
struct Accepted {
  model::IngestedEvent event;
};

// `event` is what is kept of it for people, as far as it may be kept: rejected, no identity.
struct Rejected {
  RejectionCategory category;
  std::string reason;  // for administrators; never told to the sender
  model::IngestedEvent event;
};

// The sender asks whether we are who we say: answered at once, nothing is stored.
struct Challenged {
  std::string content_type;
  std::string body;
};

using Judgement = std::variant<Accepted, Rejected, Challenged>;

// `event_uid`: what the event will be called.
Judgement Judge(const CompiledInbound& endpoint, const Request& request, std::string event_uid,
                base::WallTime now);

}  // namespace webhook::inbound
