// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/attempt_log.h"

#include <doctest/doctest.h>

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using base::Milliseconds;

namespace {

const base::WallTime kNow = base::FromUnixMs(1767225600000);

model::Endpoint Capturing(std::size_t bytes_max = 100) {
  model::Endpoint endpoint;
  endpoint.capture_bytes_max = bytes_max;
  return endpoint;
}

HttpRequest Request(HttpHeaders headers = {}, std::string body = "") {
  return {"POST", "https://example.com/hooks", std::move(headers), std::move(body), {}, 0};
}

model::Attempt Begun(const model::Endpoint& endpoint, const HttpRequest& request) {
  return BeginAttempt(endpoint, Redactor(), request, "attempt-uid", kNow);
}

model::Attempt Finished(const model::Endpoint& endpoint, const HttpResult& result) {
  model::Attempt attempt = Begun(endpoint, Request());
  FinishAttempt(endpoint, Redactor(), result, Milliseconds(250), attempt);
  return attempt;
}

}  // namespace

TEST_CASE("an attempt begins with what is sent") {
  const model::Attempt attempt = Begun(Capturing(), Request({{"webhook-id", "7"}}, "{\"a\":1}"));
  CHECK(attempt.attempt_uid == "attempt-uid");
  CHECK(attempt.started_at == kNow);
  CHECK(attempt.http_method == "post");
  CHECK(attempt.target_url == "https://example.com/hooks");
  CHECK(attempt.request_headers == std::map<std::string, std::string>{{"webhook-id", "7"}});
  CHECK(attempt.request_body == "{\"a\":1}");
  CHECK_FALSE(attempt.response_status_code.has_value());
  CHECK_FALSE(attempt.response_body.has_value());
  CHECK(attempt.error_kind.empty());
  CHECK_FALSE(attempt.maybe_delivered);
}

TEST_CASE("an attempt ends with the reply") {
  const model::Attempt attempt =
      Finished(Capturing(), HttpReply{503, {{"Server", "nginx"}}, "busy", false});
  CHECK(attempt.duration == Milliseconds(250));
  CHECK(attempt.response_status_code == 503);
  CHECK(attempt.response_headers == std::map<std::string, std::string>{{"Server", "nginx"}});
  CHECK(attempt.response_body == "busy");
  CHECK(attempt.error_kind.empty());
}

TEST_CASE("or with the failure, and whether it may have been delivered") {
  for (const bool maybe : {false, true}) {
    const model::Attempt attempt =
        Finished(Capturing(), TransportError{TransportErrorKind::kTimeout, "too slow", maybe});
    CHECK(attempt.duration == Milliseconds(250));
    CHECK_FALSE(attempt.response_status_code.has_value());
    CHECK(attempt.error_kind == "timeout");
    CHECK(attempt.error_message == "too slow");
    CHECK(attempt.maybe_delivered == maybe);
  }
}

TEST_CASE("what the endpoint does not want captured is not there, the status always is") {
  model::Endpoint endpoint = Capturing();
  endpoint.capture_request = false;
  endpoint.capture_response = false;
  model::Attempt attempt = Begun(endpoint, Request({{"A", "1"}}, "body"));
  FinishAttempt(endpoint, Redactor(), HttpReply{200, {{"B", "2"}}, "reply", false}, Milliseconds(1),
                attempt);
  CHECK(attempt.request_headers.empty());
  CHECK_FALSE(attempt.request_body.has_value());
  CHECK(attempt.response_headers.empty());
  CHECK_FALSE(attempt.response_body.has_value());
  CHECK(attempt.response_status_code == 200);
}

TEST_CASE("values of headers that carry credentials are not kept") {
  for (const std::string name :
       {"Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-Api-Key", "apikey",
        "X-Auth-Token", "X-Client-Secret", "X-Password", "X_API_KEY", "X-Access-Key",
        "X-Amz-Security-Token", "Ocp-Apim-Subscription-Key", "X-Auth", "X-Credential"}) {
    CAPTURE(name);
    const model::Attempt request = Begun(Capturing(), Request({{name, "hunter2"}}));
    CHECK(request.request_headers.at(name) == "(redacted)");
    const model::Attempt reply = Finished(Capturing(), HttpReply{200, {{name, "x"}}, "", false});
    CHECK(reply.response_headers.at(name) == "(redacted)");
  }
  for (const std::string name : {"Content-Type", "webhook-id", "Idempotency-Key", "Keep-Alive"}) {
    CAPTURE(name);
    const model::Attempt attempt = Begun(Capturing(), Request({{name, "plain"}}));
    CHECK(attempt.request_headers.at(name) == "plain");
  }
}

TEST_CASE("bodies are cut at the endpoint's limit, never inside a character") {
  const HttpRequest request = Request({},
                                      "ab\xE2\x82\xAC"
                                      "cd");
  CHECK(Begun(Capturing(0), request).request_body == "");
  CHECK(Begun(Capturing(4), request).request_body == "ab");
  CHECK(Begun(Capturing(5), request).request_body == "ab\xE2\x82\xAC");
  CHECK(Begun(Capturing(7), request).request_body == request.body);
  const HttpReply reply{200, {}, std::string(1000, 'x'), true};
  CHECK(Finished(Capturing(10), reply).response_body == std::string(10, 'x'));
}

TEST_CASE("what is captured is text, whatever bytes came") {
  const std::string bytes("a\0\xFF\x1B", 4);
  const std::string visible = "a\\u0000\\xff\\u001b";
  CHECK(Begun(Capturing(), Request({}, bytes)).request_body == visible);
  const model::Attempt attempt =
      Finished(Capturing(), HttpReply{200, {{"X-" + bytes, bytes}}, bytes, false});
  CHECK(attempt.response_body == visible);
  CHECK(attempt.response_headers.at("X-" + visible) == visible);
  const TransportError error{TransportErrorKind::kTls, bytes, false};
  CHECK(Finished(Capturing(), error).error_message == visible);
}

TEST_CASE("headers are limited in number and length, messages in length") {
  HttpHeaders headers;
  for (int i = 0; i < 1000; ++i) headers.emplace_back("X-" + std::to_string(i), "1");
  CHECK(Begun(Capturing(), Request(headers)).request_headers.size() == 100);
  const std::string longer(5000, 'v');
  const model::Attempt attempt = Begun(Capturing(), Request({{longer, longer}}));
  CHECK(attempt.request_headers.begin()->first.size() == 1000);
  CHECK(attempt.request_headers.begin()->second.size() == 1000);
  const TransportError error{TransportErrorKind::kConnect, longer, false};
  CHECK(Finished(Capturing(), error).error_message.size() == 1000);
}

TEST_CASE("a header that came twice is kept with both values") {
  const model::Attempt attempt = Finished(
      Capturing(),
      HttpReply{
          200, {{"Via", "a"}, {"Via", "b"}, {"Set-Cookie", "x"}, {"Set-Cookie", "y"}}, "", false});
  CHECK(attempt.response_headers.at("Via") == "a, b");
  CHECK(attempt.response_headers.at("Set-Cookie") == "(redacted), (redacted)");
}

TEST_CASE("kinds of transport failures are stored as text") {
  using Kind = TransportErrorKind;
  CHECK(Spelling(Kind::kRequestInvalid) == "request_invalid");
  CHECK(Spelling(Kind::kAddressRefused) == "address_refused");
  CHECK(Spelling(Kind::kResolve) == "resolve");
  CHECK(Spelling(Kind::kConnect) == "connect");
  CHECK(Spelling(Kind::kTls) == "tls");
  CHECK(Spelling(Kind::kTimeout) == "timeout");
  CHECK(Spelling(Kind::kConnectionLost) == "connection_lost");
  CHECK(Spelling(Kind::kResponseInvalid) == "response_invalid");
  CHECK(Spelling(Kind::kOurTrouble) == "our_trouble");
  CHECK(Spelling(Kind::kAuth) == "auth");
  CHECK(Spelling(Kind::kCanceled) == "canceled");
}

TEST_CASE("a known secret is nowhere in an attempt, wherever a receiver puts it") {
  const std::string secret = "hunter2-and-more";
  const Redactor redactor({base::Secret(secret)}, {"X-Shop"});
  HttpRequest request = Request({{"X-Shop", "abc"}, {"X-Note", "it is " + secret}}, secret);
  request.url += "?user=7&access_token=abc&note=" + secret;
  model::Attempt attempt = BeginAttempt(Capturing(), redactor, request, "attempt-uid", kNow);
  CHECK(attempt.target_url ==
        "https://example.com/hooks?user=7&access_token=(redacted)&note=(redacted)");
  CHECK(attempt.request_headers.at("X-Shop") == "(redacted)");
  CHECK(attempt.request_headers.at("X-Note") == "it is (redacted)");
  CHECK(attempt.request_body == "(redacted)");
  const HttpReply reply{302,
                        {{"Location", "https://example.com/?token=xyz&a=1"}, {secret, secret}},
                        "{\"seen\": \"" + secret + "\"}",
                        false};
  FinishAttempt(Capturing(), redactor, reply, Milliseconds(1), attempt);
  CHECK(attempt.response_headers.at("Location") == "https://example.com/?token=(redacted)&a=1");
  CHECK(attempt.response_headers.at("(redacted)") == "(redacted)");
  CHECK(attempt.response_body == "{\"seen\": \"(redacted)\"}");
  FinishAttempt(Capturing(), redactor,
                TransportError{TransportErrorKind::kTls, "no " + secret + " here", false},
                Milliseconds(1), attempt);
  CHECK(attempt.error_message == "no (redacted) here");
}

TEST_CASE("a secret that the capture limit cuts is not kept in part") {
  const std::string secret = "0123456789abcdef";
  const Redactor redactor({base::Secret(secret)}, {});
  for (std::size_t limit = 0; limit <= 40; ++limit) {
    CAPTURE(limit);
    const model::Attempt attempt = BeginAttempt(
        Capturing(limit), redactor, Request({}, "0123" + secret + "...."), "attempt-uid", kNow);
    CHECK(attempt.request_body->find("45678") == std::string::npos);
    CHECK(attempt.request_body->size() <= limit);
  }
}
