// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/attempt_log.h"

#include "lib/base/ascii.h"
#include "lib/base/assert.h"
#include "lib/base/text.h"

namespace webhook::delivery {
namespace {

constexpr std::size_t kHeadersMax = 100;
constexpr std::size_t kHeaderValueBytesMax = 1000;
constexpr std::size_t kErrorBytesMax = 1000;

std::string CapturedText(const Redactor& redactor, std::string_view text, std::size_t bytes_max) {
  return base::PrintableText(redactor.Text(text, bytes_max), bytes_max);
}

std::string CapturedValue(const Redactor& redactor, std::string_view name,
                          const std::string& value) {
  if (redactor.HidesHeader(name)) return std::string(kRedacted);
  // A redirect's target often carries its credential in the query.
  const bool is_url = base::EqualsIgnoringCase(name, "location");
  return is_url ? base::PrintableText(redactor.Url(value), kHeaderValueBytesMax)
                : CapturedText(redactor, value, kHeaderValueBytesMax);
}

// A header that comes more than once is one with a list of values (RFC 9110, section 5.3).
std::map<std::string, std::string> Capture(const Redactor& redactor, const HttpHeaders& headers) {
  std::map<std::string, std::string> captured;
  for (std::size_t i = 0; i < headers.size() && i < kHeadersMax; ++i) {
    const auto& [name, value] = headers[i];
    const auto [kept, is_new] =
        captured.try_emplace(CapturedText(redactor, name, kHeaderValueBytesMax));
    if (!is_new) kept->second += ", ";
    kept->second += CapturedValue(redactor, name, value);
  }
  return captured;
}

}  // namespace

model::Attempt BeginAttempt(const model::Endpoint& endpoint, const Redactor& redactor,
                            const HttpRequest& request, std::string attempt_uid,
                            base::WallTime started_at) {
  model::Attempt attempt;
  attempt.attempt_uid = std::move(attempt_uid);
  attempt.started_at = started_at;
  attempt.http_method = base::AsciiLower(request.method);
  attempt.target_url = redactor.Url(request.url);
  if (endpoint.capture_request) {
    attempt.request_headers = Capture(redactor, request.headers);
    attempt.request_body = CapturedText(redactor, request.body, endpoint.capture_bytes_max);
  }
  return attempt;
}

void FinishAttempt(const model::Endpoint& endpoint, const Redactor& redactor,
                   const HttpResult& result, base::Milliseconds duration, model::Attempt& attempt) {
  attempt.duration = duration;
  if (!result.ok()) {
    attempt.error_kind = Spelling(result.error().kind);
    attempt.error_message = CapturedText(redactor, result.error().detail, kErrorBytesMax);
    attempt.maybe_delivered = result.error().maybe_delivered;
    return;
  }
  const HttpReply& reply = result.value();
  attempt.response_status_code = reply.status_code;
  if (!endpoint.capture_response) return;
  attempt.response_headers = Capture(redactor, reply.headers);
  attempt.response_body = CapturedText(redactor, reply.body, endpoint.capture_bytes_max);
}

std::string_view Spelling(TransportErrorKind kind) {
  switch (kind) {
    case TransportErrorKind::kRequestInvalid:
      return "request_invalid";
    case TransportErrorKind::kAddressRefused:
      return "address_refused";
    case TransportErrorKind::kResolve:
      return "resolve";
    case TransportErrorKind::kConnect:
      return "connect";
    case TransportErrorKind::kTls:
      return "tls";
    case TransportErrorKind::kTimeout:
      return "timeout";
    case TransportErrorKind::kConnectionLost:
      return "connection_lost";
    case TransportErrorKind::kResponseInvalid:
      return "response_invalid";
    case TransportErrorKind::kOurTrouble:
      return "our_trouble";
    case TransportErrorKind::kAuth:
      return "auth";
    case TransportErrorKind::kCanceled:
      return "canceled";
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace webhook::delivery
