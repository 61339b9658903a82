// SPDX-License-Identifier: LGPL-3.0-or-later
// Every answer byte for byte: senders and their retry rules depend on them.
#include "lib/inbound/answers.h"

#include <doctest/doctest.h>

using namespace webhook::inbound;
using webhook::delivery::HttpHeaders;
using webhook::delivery::ReceiverAnswer;
using Auth = webhook::model::InboundAuthMode;
using Category = RejectionCategory;

namespace {

const HttpHeaders kJson{{"Content-Type", "application/json"}};

HttpHeaders JsonAnd(const std::string& name, const std::string& value) {
  return {{"Content-Type", "application/json"}, {name, value}};
}

void CheckIs(const ReceiverAnswer& answer, int status, const HttpHeaders& headers,
             const std::string& body) {
  CHECK(answer.status_code == status);
  CHECK(answer.headers == headers);
  CHECK(answer.body == body);
}

}  // namespace

TEST_CASE("what senders are answered") {
  CheckIs(AcceptedAnswer("01890a5d-ac96-774b-bcce-b302099a8057"), 202, kJson,
          R"({"status":"accepted","event_id":"01890a5d-ac96-774b-bcce-b302099a8057"})");
  CheckIs(ChallengeAnswer({"text/plain", "4711"}), 200,
          {{"Content-Type", "text/plain"}, {"X-Content-Type-Options", "nosniff"}}, "4711");
  CheckIs(NotFoundAnswer(), 404, kJson, R"({"status":"not_found"})");
  CheckIs(MethodAnswer("GET, POST"), 405, JsonAnd("Allow", "GET, POST"),
          R"({"status":"method_not_allowed"})");
  CheckIs(TooLargeAnswer(), 413, kJson, R"({"status":"too_large"})");
  CheckIs(LimitedAnswer(std::chrono::seconds(7)), 429, JsonAnd("Retry-After", "7"),
          R"({"status":"too_many_requests"})");
  CheckIs(UnavailableAnswer(), 503, JsonAnd("Retry-After", "30"), R"({"status":"unavailable"})");
}

TEST_CASE("rejected requests: the status of their category, no detail") {
  const std::string body = R"({"status":"rejected"})";
  CheckIs(RejectedAnswer(Category::kAddress, Auth::kBasic), 403, kJson, body);
  CheckIs(RejectedAnswer(Category::kSignature, Auth::kBasic), 403, kJson, body);
  CheckIs(RejectedAnswer(Category::kFreshness, Auth::kNone), 403, kJson, body);
  CheckIs(RejectedAnswer(Category::kPayload, Auth::kNone), 400, kJson, body);
  CheckIs(RejectedAnswer(Category::kValidation, Auth::kNone), 400, kJson, body);
  CheckIs(RejectedAnswer(Category::kMediaType, Auth::kNone), 415, kJson, body);
  CheckIs(RejectedAnswer(Category::kConfiguration, Auth::kBasic), 503, JsonAnd("Retry-After", "30"),
          R"({"status":"unavailable"})");
}

TEST_CASE("401 names the scheme that the endpoint wants") {
  const auto wanted = [](Auth auth) {
    return RejectedAnswer(Category::kAuthentication, auth).headers.at(1);
  };
  CHECK(RejectedAnswer(Category::kAuthentication, Auth::kBasic).status_code == 401);
  CHECK(wanted(Auth::kBasic) ==
        std::pair<std::string, std::string>("WWW-Authenticate",
                                            R"(Basic realm="webhooks", charset="UTF-8")"));
  CHECK(wanted(Auth::kBearer).second == R"(Bearer realm="webhooks")");
  CHECK(wanted(Auth::kApiKey).second == R"(ApiKey realm="webhooks")");
}
