// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/answers.h"

#include <utility>

#include "lib/base/assert.h"

namespace webhook::inbound {

using delivery::HttpHeaders;
using delivery::ReceiverAnswer;

namespace {

ReceiverAnswer Json(int status_code, std::string body, HttpHeaders more = {}) {
  HttpHeaders headers{{"Content-Type", "application/json"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return {status_code, std::move(headers), std::move(body)};
}

HttpHeaders RetryAfter(std::chrono::seconds seconds) {
  return {{"Retry-After", std::to_string(seconds.count())}};
}

// A 401 names a scheme, also where there is no registered one (RFC 9110, 15.5.2).
HttpHeaders Wanted(model::InboundAuthMode auth) {
  switch (auth) {
    case model::InboundAuthMode::kBasic:
      return {{"WWW-Authenticate", R"(Basic realm="webhooks", charset="UTF-8")"}};
    case model::InboundAuthMode::kBearer:
      return {{"WWW-Authenticate", R"(Bearer realm="webhooks")"}};
    case model::InboundAuthMode::kApiKey:
      return {{"WWW-Authenticate", R"(ApiKey realm="webhooks")"}};
    case model::InboundAuthMode::kNone:
      return {};
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace

ReceiverAnswer AcceptedAnswer(const std::string& event_uid) {
  return Json(202, R"({"status":"accepted","event_id":")" + event_uid + R"("})");
}

// What it says comes from the request: no browser shall take it for a page.
ReceiverAnswer ChallengeAnswer(Challenged challenged) {
  return {
      200,
      {{"Content-Type", std::move(challenged.content_type)}, {"X-Content-Type-Options", "nosniff"}},
      std::move(challenged.body)};
}

ReceiverAnswer NotFoundAnswer() { return Json(404, R"({"status":"not_found"})"); }

ReceiverAnswer MethodAnswer(const std::string& allowed) {
  return Json(405, R"({"status":"method_not_allowed"})", {{"Allow", allowed}});
}

ReceiverAnswer TooLargeAnswer() { return Json(413, R"({"status":"too_large"})"); }

ReceiverAnswer LimitedAnswer(std::chrono::seconds retry_after) {
  return Json(429, R"({"status":"too_many_requests"})", RetryAfter(retry_after));
}

ReceiverAnswer UnavailableAnswer() {
  return Json(503, R"({"status":"unavailable"})", RetryAfter(kUnavailableFor));
}

ReceiverAnswer RejectedAnswer(RejectionCategory category, model::InboundAuthMode auth) {
  if (category == RejectionCategory::kConfiguration) return UnavailableAnswer();
  const bool asks = category == RejectionCategory::kAuthentication;
  return Json(StatusCode(category), R"({"status":"rejected"})",
              asks ? Wanted(auth) : HttpHeaders{});
}

}  // namespace webhook::inbound
