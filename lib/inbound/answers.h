// SPDX-License-Identifier: LGPL-3.0-or-later
// What senders are answered: JSON without detail. An endpoint that is unknown, a draft or archived
// is answered the same bytes. Pure.
#pragma once

#include <chrono>
#include <string>

#include "lib/delivery/ports/request_receiver.h"
#include "lib/inbound/judge.h"
#include "lib/inbound/rejection_category.h"
#include "lib/model/inbound_endpoint.h"

namespace webhook::inbound {

// After which a sender comes again that was answered 503.
inline constexpr std::chrono::seconds kUnavailableFor{30};

delivery::ReceiverAnswer AcceptedAnswer(const std::string& event_uid);     // 202
delivery::ReceiverAnswer ChallengeAnswer(Challenged challenged);           // 200
delivery::ReceiverAnswer NotFoundAnswer();                                 // 404
delivery::ReceiverAnswer MethodAnswer(const std::string& allowed);         // 405: "GET, POST"
delivery::ReceiverAnswer TooLargeAnswer();                                 // 413
delivery::ReceiverAnswer LimitedAnswer(std::chrono::seconds retry_after);  // 429
delivery::ReceiverAnswer UnavailableAnswer();                              // 503

// By the category; of kAuthentication with the scheme that the endpoint wants (RFC 9110, 11.6.1).
delivery::ReceiverAnswer RejectedAnswer(RejectionCategory category, model::InboundAuthMode auth);

}  // namespace webhook::inbound
