// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/request_text.h"

#include <doctest/doctest.h>

#include <string>

namespace webhook::net {
namespace {

using delivery::HttpRequest;

const HttpRequest kRequest{"POST", "https://a.example/x?y",  {{"X-A", "1"}},
                           "{}",   base::Milliseconds(1000), 100};

base::Result<std::string, RequestProblem> Write(const HttpRequest& request) {
  return WriteRequest(request, ParseUrl(request.url).value(), RequestLimits{});
}

void CheckRefused(const HttpRequest& request, const std::string& detail) {
  const auto text = Write(request);
  REQUIRE_FALSE(text.ok());
  CAPTURE(text.error().detail);
  CHECK(text.error().detail.find(detail) != std::string::npos);
}

HttpRequest WithHeader(std::string name, std::string value) {
  HttpRequest request = kRequest;
  request.headers = {{std::move(name), std::move(value)}};
  return request;
}

TEST_CASE("a request is written byte for byte") {
  CHECK(Write(kRequest).value() ==
        "POST /x?y HTTP/1.1\r\nHost: a.example\r\nX-A: 1\r\nAccept-Encoding: "
        "identity\r\nContent-Length: 2\r\n\r\n{}");
  HttpRequest get = kRequest;
  get.method = "GET";
  get.body = "";
  CHECK(Write(get).value() ==
        "GET /x?y HTTP/1.1\r\nHost: a.example\r\nX-A: 1\r\nAccept-Encoding: identity\r\n\r\n");
}

TEST_CASE("no control character gets into a header") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    CAPTURE(byte);
    const bool fine = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    CHECK(Write(WithHeader("X-A", std::string("a") + c + "b")).ok() == fine);
  }
}

TEST_CASE("header names are tokens") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    CAPTURE(byte);
    const bool letter_or_digit =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool fine = letter_or_digit ||
                      (byte != 0 && std::string("!#$%&'*+-.^_`|~").find(c) != std::string::npos);
    CHECK(Write(WithHeader(std::string("X") + c + "A", "1")).ok() == fine);
  }
  CHECK_FALSE(Write(WithHeader("", "1")).ok());
}

TEST_CASE("headers of the connection and the framing cannot be set") {
  for (const char* name : {"Host", "HOST", "Content-Length", "Transfer-Encoding", "Connection",
                           "Upgrade", "TE", "Trailer", "Expect", "Keep-Alive",
                           "Proxy-Authorization", "proxy-connection", "Proxy-Anything"}) {
    CheckRefused(WithHeader(name, "1"), "is set by the worker only");
  }
}

TEST_CASE("values of headers are not repeated in errors") {
  const auto text = Write(WithHeader("Authorization", "Bearer secret\n"));
  REQUIRE_FALSE(text.ok());
  CHECK(text.error().detail.find("secret") == std::string::npos);
}

TEST_CASE("methods are upper-case tokens, and neither CONNECT nor TRACE") {
  for (const char* method : {"", "post", "POST ", "PO ST", "POST\r\n", "CONNECT", "TRACE"}) {
    HttpRequest request = kRequest;
    request.method = method;
    CheckRefused(request, "the method");
  }
  for (const char* method : {"GET", "PUT", "PATCH", "DELETE", "PURGE"}) {
    HttpRequest request = kRequest;
    request.method = method;
    CHECK(Write(request).ok());
  }
}

TEST_CASE("headers and bodies are limited") {
  HttpRequest request = kRequest;
  request.headers.assign(100, {"X-A", "1"});
  CHECK(Write(request).ok());
  request.headers.assign(101, {"X-A", "1"});
  CheckRefused(request, "more than 100 headers");
  CheckRefused(WithHeader("X-A", std::string(65536, 'x')), "longer than 65536 bytes");
  const auto text =
      WriteRequest(kRequest, ParseUrl(kRequest.url).value(), RequestLimits{.body_bytes_max = 1});
  CHECK_FALSE(text.ok());
}

}  // namespace
}  // namespace webhook::net
