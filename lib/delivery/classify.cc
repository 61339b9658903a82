// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/assert.h"
#include "lib/delivery/retry_after.h"

namespace webhook::delivery {
namespace {

using model::DeadLetter;
using model::FailureReason;
using model::Outcome;
using model::Retry;

// Statuses that a repetition of the same bytes cannot change. 3xx is final too: redirects are not
// followed.
constexpr std::array kFinalStatuses = {400, 405, 406, 411, 413, 414, 415, 417, 422, 431};
constexpr int kGone = 410;

// Nothing was tried and no attempt is spent; soon enough for a resolver that comes back.
constexpr base::Milliseconds kOurTroubleDelay{30000};

bool IsFinal(int status) {
  return (status >= 300 && status < 400) ||
         std::find(kFinalStatuses.begin(), kFinalStatuses.end(), status) != kFinalStatuses.end();
}

Outcome ClassifyReply(const HttpReply& reply, base::WallTime now, const StatusSet& retry_statuses,
                      const StatusSet& final_statuses) {
  const int status = reply.status_code;
  if (status >= 200 && status < 300) return model::Delivered{};
  const std::string message = fmt::format("the receiver answered HTTP {}", status);
  const bool is_listed_final = final_statuses.Contains(status);
  if (is_listed_final || !retry_statuses.Contains(status)) {
    if (status == kGone) return DeadLetter{FailureReason::kEndpointGone, message};
    if (is_listed_final || IsFinal(status)) return DeadLetter{FailureReason::kHttpStatus, message};
  }
  return Retry{FailureReason::kHttpStatus, message, RetryAfter(reply.headers, now)};
}

Outcome ClassifyError(const TransportError& error) {
  switch (error.kind) {
    case TransportErrorKind::kRequestInvalid:
      return DeadLetter{FailureReason::kRequestInvalid, error.detail};
    case TransportErrorKind::kAddressRefused:
      return DeadLetter{FailureReason::kAddressRefused, error.detail};
    case TransportErrorKind::kResolve:
    case TransportErrorKind::kConnect:
      return Retry{FailureReason::kConnect, error.detail, std::nullopt};
    case TransportErrorKind::kTls:
      return Retry{FailureReason::kTls, error.detail, std::nullopt};
    case TransportErrorKind::kTimeout:
      return Retry{FailureReason::kTimeout, error.detail, std::nullopt};
    case TransportErrorKind::kConnectionLost:
      return Retry{FailureReason::kConnectionLost, error.detail, std::nullopt};
    case TransportErrorKind::kResponseInvalid:
      return Retry{FailureReason::kResponseInvalid, error.detail, std::nullopt};
    case TransportErrorKind::kOurTrouble:
      return model::Deferred{kOurTroubleDelay, error.detail};
    case TransportErrorKind::kAuth:
      return Retry{FailureReason::kAuth, error.detail, std::nullopt};
    case TransportErrorKind::kCanceled:
      return model::Interrupted{error.detail};
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace

model::Outcome Classify(const HttpResult& result, base::WallTime now,
                        const StatusSet& retry_statuses, const StatusSet& final_statuses) {
  return result.ok() ? ClassifyReply(result.value(), now, retry_statuses, final_statuses)
                     : ClassifyError(result.error());
}

}  // namespace webhook::delivery
