// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/spelling.h"

#include "lib/base/assert.h"
#include "lib/base/result.h"

namespace webhook::model {

std::string_view Spelling(DeliveryState state) {
  switch (state) {
    case DeliveryState::kQueued:
      return "queued";
    case DeliveryState::kDone:
      return "done";
    case DeliveryState::kError:
      return "error";
    case DeliveryState::kDeadLetter:
      return "dead_letter";
    case DeliveryState::kCanceled:
      return "canceled";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(FailureReason reason) {
  switch (reason) {
    case FailureReason::kHttpStatus:
      return "http_status";
    case FailureReason::kTimeout:
      return "timeout";
    case FailureReason::kConnect:
      return "connect";
    case FailureReason::kTls:
      return "tls";
    case FailureReason::kConnectionLost:
      return "connection_lost";
    case FailureReason::kResponseInvalid:
      return "response_invalid";
    case FailureReason::kAddressRefused:
      return "address_refused";
    case FailureReason::kRequestInvalid:
      return "request_invalid";
    case FailureReason::kEndpointGone:
      return "endpoint_gone";
    case FailureReason::kAttemptsExhausted:
      return "attempts_exhausted";
    case FailureReason::kExpired:
      return "expired";
    case FailureReason::kInterrupted:
      return "interrupted";
    case FailureReason::kSettlementRefused:
      return "settlement_refused";
  }
  WEBHOOK_ASSERT(false);
}

std::string_view Spelling(const Outcome& outcome) {
  return std::visit(base::Overloaded{
                        [](const Delivered&) { return std::string_view("delivered"); },
                        [](const Retry&) { return std::string_view("retry"); },
                        [](const DeadLetter&) { return std::string_view("dead_letter"); },
                        [](const Canceled&) { return std::string_view("canceled"); },
                        [](const Deferred&) { return std::string_view("deferred"); },
                        [](const Interrupted&) { return std::string_view("interrupted"); },
                    },
                    outcome);
}

}  // namespace webhook::model
