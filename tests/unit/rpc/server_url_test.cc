// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/server_url.h"

#include <doctest/doctest.h>

namespace webhook::rpc {
namespace {

TEST_CASE("URLs that people write") {
  struct Case {
    const char* text;
    bool tls;
    const char* host;
    int port;
    const char* joined;  // with /jsonrpc
  };
  const Case cases[] = {
      {"http://localhost:8069", false, "localhost", 8069, "/jsonrpc"},
      {"https://Odoo.Example.COM", true, "odoo.example.com", 443, "/jsonrpc"},
      {"HTTP://127.0.0.1/", false, "127.0.0.1", 80, "/jsonrpc"},
      {"https://example.com/erp", true, "example.com", 443, "/erp/jsonrpc"},
      {"https://example.com:444/erp/test//", true, "example.com", 444, "/erp/test/jsonrpc"},
      {"http://[::1]:8069/a%20b", false, "::1", 8069, "/a%20b/jsonrpc"},
      {"http://[fe80::1]", false, "fe80::1", 80, "/jsonrpc"},
  };
  for (const Case& expected : cases) {
    CAPTURE(expected.text);
    const auto url = ParseServerUrl(expected.text);
    REQUIRE(url.ok());
    CHECK(url.value().tls == expected.tls);
    CHECK(url.value().host == expected.host);
    CHECK(url.value().port == expected.port);
    CHECK(JoinPath(url.value(), "/jsonrpc") == expected.joined);
  }
}

TEST_CASE("URLs that are refused") {
  for (const char* text : {"", "localhost:8069", "ftp://example.com", "http://", "http:///x",
                           "http://a:0", "http://a:", "http://a:65536", "http://a:80x",
                           "http://a b", "http://[::1", "http://[::1]x", "http://a?x", "http://a#x",
                           "http://a/b c", "http://a/\r\nx", "http://a\n", "http://ä.example"}) {
    CAPTURE(text);
    const auto url = ParseServerUrl(text);
    CHECK_FALSE(url.ok());
    if (!url.ok()) CHECK_FALSE(url.error().empty());
  }
  CHECK_FALSE(ParseServerUrl("http://a/" + std::string(2000, 'x')).ok());
}

TEST_CASE("a password in the URL is refused and not repeated") {
  const auto url = ParseServerUrl("https://admin:hunter2@example.com");
  REQUIRE_FALSE(url.ok());
  CHECK(url.error().find("hunter2") == std::string::npos);
}

TEST_CASE("host and port for people") {
  CHECK(HostAndPort({false, "::1", 80, ""}) == "[::1]:80");
  CHECK(HostAndPort({false, "a", 8069, "/x"}) == "a:8069");
}

}  // namespace
}  // namespace webhook::rpc
