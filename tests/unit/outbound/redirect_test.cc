// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/redirect.h"

#include <doctest/doctest.h>

#include "tests/unit/outbound/outbound_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;

namespace {

HttpRequest Sent() {
  HttpRequest request;
  request.method = "PUT";
  request.url = "https://example.com/a/b?q=1";
  request.headers = {
      {"Authorization", "Bearer t"},   {"Cookie", "c=1"},    {"X-Api-Key", "k"},
      {"webhook-signature", "v1,abc"}, {"webhook-id", "id"}, {"Content-Type", "application/json"}};
  request.body = "{\"n\":1}";
  auto identity = std::make_shared<TlsIdentity>();
  identity->id = "client";
  request.tls = identity;
  return request;
}

RedirectPolicy Policy(int redirects_max = 3, int followed = 0) {
  return {redirects_max, followed, [](std::string_view name) { return name == "X-Api-Key"; }};
}

base::Result<HttpRequest, NotFollowed> Follow(const std::string& location, int status = 307,
                                              RedirectPolicy policy = Policy()) {
  return FollowRedirect(Sent(), ReplyOf(status, "", {{"location", location}}), policy);
}

}  // namespace

TEST_CASE("method, body and headers go along within the origin") {
  for (const int status : {301, 302, 307, 308}) {
    CAPTURE(status);
    const auto next = Follow("../c", status);
    REQUIRE(next.ok());
    CHECK(next.value().url == "https://example.com/c");
    CHECK(next.value().method == "PUT");
    CHECK(next.value().body == "{\"n\":1}");
    CHECK(next.value().headers == Sent().headers);
    REQUIRE(next.value().tls);
    CHECK(next.value().tls->id == "client");
  }
}

TEST_CASE("every spelling of a place is resolved") {
  const std::pair<const char*, const char*> rows[] = {
      {"https://example.com/x", "https://example.com/x"},
      {"HTTPS://EXAMPLE.COM:443/x", "https://EXAMPLE.COM:443/x"},
      {"//example.com/x?y", "https://example.com/x?y"},
      {"/x", "https://example.com/x"},
      {"x", "https://example.com/a/x"},
      {"?z", "https://example.com/a/b?z"},
      {"/x#part", "https://example.com/x"},
  };
  for (const auto& [location, url] : rows) {
    CAPTURE(location);
    const auto next = Follow(location);
    REQUIRE(next.ok());
    CHECK(next.value().url == url);
    CHECK(next.value().tls);
  }
}

TEST_CASE("another origin gets no credentials and no client identity, but the signature") {
  for (const char* location : {"https://other.example/x", "https://example.com:8443/x",
                               "//sub.example.com/x", "https://example.com./x"}) {
    CAPTURE(location);
    const auto next = Follow(location);
    REQUIRE(next.ok());
    CHECK(HeaderOf(next.value(), "Authorization") == "(none)");
    CHECK(HeaderOf(next.value(), "Cookie") == "(none)");
    CHECK(HeaderOf(next.value(), "X-Api-Key") == "(none)");
    CHECK(HeaderOf(next.value(), "webhook-signature") == "v1,abc");
    CHECK(HeaderOf(next.value(), "webhook-id") == "id");
    CHECK(next.value().body == "{\"n\":1}");
    CHECK_FALSE(next.value().tls);
  }
}

TEST_CASE("what is not followed, and why") {
  const std::pair<const char*, const char*> rows[] = {
      {"http://example.com/x", "https to http"},
      {"ftp://example.com/x", "scheme"},
      {"javascript:alert(1)", "scheme"},
      {"https://user:pw@example.com/", "user name"},
      {"https://@example.com/", "user name"},
      {"https:///x", "no host"},
      {"https:x", "no host"},
      {"", "not a URL"},
      {"/a b", "not a URL"},
      {"/\\evil.example", "not a URL"},
  };
  for (const auto& [location, why] : rows) {
    CAPTURE(location);
    const auto next = Follow(location);
    REQUIRE_FALSE(next.ok());
    CHECK(next.error().why.find(why) != std::string::npos);
  }
  CHECK(Follow("/x", 303).error().why.find("301, 302, 307 and 308") != std::string::npos);
  CHECK_FALSE(Follow("/x", 300).ok());
  CHECK_FALSE(Follow("/x", 304).ok());
  const auto two =
      FollowRedirect(Sent(), ReplyOf(307, "", {{"Location", "/a"}, {"location", "/b"}}), Policy());
  CHECK(two.error().why.find("one Location") != std::string::npos);
  const auto none = FollowRedirect(Sent(), ReplyOf(307), Policy());
  CHECK(none.error().why.find("one Location") != std::string::npos);
}

TEST_CASE("where redirects are off, and where nothing redirects, there is nothing to say") {
  CHECK(Follow("/x", 307, Policy(0)).error().why.empty());
  CHECK(Follow("/x", 200).error().why.empty());
  CHECK(Follow("/x", 201).error().why.empty());
  CHECK(Follow("/x", 500).error().why.empty());
}

TEST_CASE("a loop ends") {
  CHECK(Follow("/x", 307, Policy(3, 2)).ok());
  CHECK(Follow("/x", 307, Policy(3, 3)).error().why.find("3 before it") != std::string::npos);
  CHECK(Follow("/x", 307, Policy(1000, 4)).ok());
  CHECK_FALSE(Follow("/x", 307, Policy(1000, 5)).ok());
}

TEST_CASE("http may lead to https, without credentials") {
  HttpRequest plain = Sent();
  plain.url = "http://example.com/a";
  const auto next =
      FollowRedirect(plain, ReplyOf(308, "", {{"Location", "https://example.com/a"}}), Policy());
  REQUIRE(next.ok());
  CHECK(next.value().url == "https://example.com/a");
  CHECK(HeaderOf(next.value(), "Authorization") == "(none)");
}
