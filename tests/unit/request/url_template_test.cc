// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/url_template.h"

#include <doctest/doctest.h>

using namespace webhook::delivery;
namespace model = webhook::model;

namespace {

model::Value Context(const std::string& json) {
  auto parsed = model::ParseJson(json);
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

std::string Rendered(std::string_view path, const std::string& json) {
  const auto rendered = RenderPath(path, Context(json));
  REQUIRE_MESSAGE(rendered.ok(), (rendered.ok() ? "" : rendered.error().message));
  return rendered.value();
}

std::string Problem(std::string_view path, const std::string& json) {
  const auto rendered = RenderPath(path, Context(json));
  REQUIRE_FALSE(rendered.ok());
  return rendered.error().message;
}

}  // namespace

TEST_CASE("origins that can be dialled") {
  for (const char* origin :
       {"https://example.com", "http://example.com", "HTTPS://Example.COM:8443", "http://a:1",
        "https://192.0.2.1:65535", "https://[2001:db8::1]", "https://[::1]:8080", "http://my_host",
        "https://xn--bcher-kva.example", "https://example.com."}) {
    CAPTURE(origin);
    CHECK(CheckOrigin(origin).value_or("") == "");
  }
}

TEST_CASE("and those that cannot") {
  for (const char* origin : {"",
                             "example.com",
                             "ftp://example.com",
                             "file:///etc/passwd",
                             "gopher://a",
                             "https://",
                             "https://:80",
                             "https:///path",
                             "https:/example.com",
                             "https://example.com/",
                             "https://example.com/path",
                             "https://example.com?x",
                             "https://example.com#x",
                             "https://user@example.com",
                             "https://user:pass@example.com",
                             "https://example.com:0",
                             "https://example.com:65536",
                             "https://example.com:",
                             "https://example.com:80a",
                             "https://example.com:080",
                             "https://exa mple.com",
                             "https://example.com\n",
                             "https://example.com\r\nHost: x",
                             "https://ex\xC3\xA4mple.com",
                             "https://example.com\\@b",
                             "https://{host}",
                             "https://{host}.example.com",
                             "https://example.com:{port}",
                             "{scheme}://example.com",
                             "https://a..b",
                             "https://.a",
                             "https://[::1",
                             "https://[]",
                             "https://a,b",
                             " https://example.com",
                             "javascript:alert(1)"}) {
    CAPTURE(origin);
    CHECK(CheckOrigin(origin).has_value());
  }
}

TEST_CASE("paths with tokens, and what is none") {
  for (const char* path : {"/", "/a/b?c=d&e=%20", "/{a}", "/{a}{b}", "/{order.id}/x?y={_z9}",
                           "/a/{x.0.y}", "/a..b/...", "/%7Bx%7D"}) {
    CAPTURE(path);
    CHECK(CheckPathTemplate(path).value_or("") == "");
  }
  for (const char* path :
       {"",       "a",      "?x",        "//a",     "/\\a",    "/a\\b",  "/a#b",     "/a b",
        "/a\tb",  "/a\r\n", "/\xC3\xA9", "/..",     "/a/../b", "/./b",   "/%2e%2E/", "/{",
        "/}",     "/{}",    "/{a",       "/a}",     "/{a}}",   "/{{a}}", "/{1a}",    "/{a b}",
        "/{a-b}", "/{a.}",  "/{.a}",     "/{a..b}", "/{a[0]}", "{a}/b"}) {
    CAPTURE(path);
    CHECK(CheckPathTemplate(path).has_value());
  }
  CHECK(CheckPathTemplate("/" + std::string(4095, 'a')) == std::nullopt);
  CHECK(CheckPathTemplate("/" + std::string(4096, 'a')).has_value());
}

TEST_CASE("values stay within their part of the URL") {
  CHECK(Rendered("/a/{x}?y={x}", R"({"x": "a/b?c&d=e#f%20g+h i"})") ==
        "/a/a%2Fb%3Fc%26d%3De%23f%2520g%2Bh%20i?y=a%2Fb%3Fc%26d%3De%23f%2520g%2Bh%20i");
  CHECK(Rendered("/{x}", R"({"x": "\r\nHost: evil"})") == "/%0D%0AHost%3A%20evil");
  CHECK(Rendered("/{x}", R"({"x": "//evil.example"})") == "/%2F%2Fevil.example");
  CHECK(Rendered("/{x}", R"({"x": "@evil.example"})") == "/%40evil.example");
  CHECK(Rendered("/{x}", R"({"x": "{y}", "y": 1})") == "/%7By%7D");
  CHECK(Rendered("/{x}", "{\"x\": \"\xC3\xA9\\u0000\"}") == "/%C3%A9%00");
}

TEST_CASE("numbers keep their spelling, true is a word, zero is a value") {
  CHECK(Rendered("/{x}", R"({"x": 1.50})") == "/1.50");
  CHECK(Rendered("/{x}", R"({"x": 12345678901234567890})") == "/12345678901234567890");
  CHECK(Rendered("/{x}", R"({"x": -1e5})") == "/-1e5");
  CHECK(Rendered("/{x}", R"({"x": 0})") == "/0");
  CHECK(Rendered("/{x}", R"({"x": true})") == "/true");
  CHECK(Rendered("/{x.y.z}", R"({"x": {"y": {"z": "deep"}}})") == "/deep");
}

TEST_CASE("a token without a value is named") {
  for (const char* json : {"{}", R"({"x": null})", R"({"x": false})", R"({"x": ""})",
                           R"({"x": []})", R"({"x": {"y": 1}})", "null", "[]"}) {
    CAPTURE(json);
    CHECK(Problem("/a/{x}", json).starts_with("{x}: "));
  }
  CHECK(Problem("/{x.y}", R"({"x": "text"})").starts_with("{x.y}: "));
}

TEST_CASE("a value cannot climb out of its folder, or grow without end") {
  CHECK(Problem("/a/{x}/b", R"({"x": ".."})").find("segment") != std::string::npos);
  CHECK(Problem("/a/.{x}", R"({"x": "."})").find("segment") != std::string::npos);
  CHECK(Problem("/{x}", R"({"x": ")" + std::string(5000, 'a') + R"("})").find("too long") !=
        std::string::npos);
  CHECK(Problem("/{x}{x}", R"({"x": ")" + std::string(4000, 'a') + R"("})").find("longer") !=
        std::string::npos);
  CHECK(Problem("/{x}", R"({"x": ")" + std::string(2000, ' ') + R"("})").find("longer") !=
        std::string::npos);
}

TEST_CASE("a query goes behind what is there") {
  CHECK(WithQuery("https://a/b", "c=d") == "https://a/b?c=d");
  CHECK(WithQuery("https://a/b?x", "c=d") == "https://a/b?x&c=d");
  CHECK(WithQuery("https://a/b?", "c=d") == "https://a/b?c=d");
  CHECK(WithQuery("https://a/b?x&", "c=d") == "https://a/b?x&c=d");
  CHECK(WithQuery("https://a/b", "") == "https://a/b");
}
