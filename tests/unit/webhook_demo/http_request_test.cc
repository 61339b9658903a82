// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/http_request.h"

#include <doctest/doctest.h>

#include <string>

namespace webhook::demo {
namespace {

using State = RequestReader::State;

constexpr std::string_view kPost =
    "POST /a/b?x=1&y=2 HTTP/1.1\r\nHost: h\r\nWebhook-Id:  abc \r\nContent-Length: 5\r\n\r\nhello";

int ErrorOf(const std::string& text, const RequestLimits& limits = {}) {
  RequestReader reader(limits);
  return reader.Feed(text) == State::kInvalid ? reader.error_status() : 0;
}

TEST_CASE("a request is read, in whatever pieces it comes") {
  for (std::size_t piece = 1; piece <= kPost.size(); ++piece) {
    CAPTURE(piece);
    RequestReader reader({});
    State state = State::kMore;
    for (std::size_t at = 0; at < kPost.size(); at += piece) {
      REQUIRE(state == State::kMore);
      state = reader.Feed(kPost.substr(at, piece));
    }
    REQUIRE(state == State::kComplete);
    const HttpRequest request = reader.Take();
    CHECK(request.method == "POST");
    CHECK(request.path == "/a/b");
    CHECK(request.query == "x=1&y=2");
    CHECK(request.Header("webhook-id") == "abc");
    CHECK(request.Header("none").empty());
    CHECK(request.body == "hello");
    CHECK(request.keep_alive);
    CHECK(reader.Feed("") == State::kMore);
  }
}

TEST_CASE("the next request follows") {
  RequestReader reader({});
  REQUIRE(reader.Feed(std::string(kPost) + "GET / HTTP/1.1\r\n\r\n") == State::kComplete);
  CHECK(reader.Take().body == "hello");
  REQUIRE(reader.Feed("") == State::kComplete);
  const HttpRequest second = reader.Take();
  CHECK(second.method == "GET");
  CHECK(second.headers.empty());
  CHECK(second.body.empty());
}

TEST_CASE("who closes the connection") {
  const auto keeps = [](const std::string& version, const std::string& header) {
    RequestReader reader({});
    REQUIRE(reader.Feed("GET / " + version + "\r\n" + header + "\r\n") == State::kComplete);
    return reader.Take().keep_alive;
  };
  CHECK(keeps("HTTP/1.1", ""));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.0", ""));
  CHECK(keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"));
}

TEST_CASE("a client that asks before it sends the body is told once") {
  RequestReader reader({});
  CHECK(reader.Feed("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n") ==
        State::kContinue);
  CHECK(reader.Feed("a") == State::kMore);
  CHECK(reader.Feed("b") == State::kComplete);
}

TEST_CASE("what is no request is refused with the status for it") {
  CHECK(ErrorOf("GARBAGE\r\n\r\n") == 400);
  CHECK(ErrorOf("GET / HTTP/2\r\n\r\n") == 400);
  CHECK(ErrorOf("GET x HTTP/1.1\r\n\r\n") == 400);
  CHECK(ErrorOf("GET / HTTP/1.1\r\nno colon\r\n\r\n") == 400);
  CHECK(ErrorOf("GET / HTTP/1.1\r\nbad name: x\r\n\r\n") == 400);
  CHECK(ErrorOf("GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n") == 400);
  CHECK(ErrorOf("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n") == 400);
  CHECK(ErrorOf("\r\n\r\n") == 400);
  CHECK(ErrorOf("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") == 411);
}

TEST_CASE("limits") {
  const RequestLimits limits{.header_bytes_max = 100, .body_bytes_max = 10};
  CHECK(ErrorOf("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n", limits) == 0);
  CHECK(ErrorOf("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", limits) == 413);
  CHECK(ErrorOf("GET /" + std::string(100, 'x') + " HTTP/1.1\r\n\r\n", limits) == 431);
  CHECK(ErrorOf(std::string(101, 'x'), limits) == 431);
}

}  // namespace
}  // namespace webhook::demo
