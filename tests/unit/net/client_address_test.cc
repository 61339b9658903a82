// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/client_address.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace webhook::net {
namespace {

std::vector<Cidr> Trusted() {
  return {*Cidr::Parse("10.0.0.0/8"), *Cidr::Parse("192.0.2.7"), *Cidr::Parse("fd00::/8")};
}

ClientView View(const std::string& peer, const delivery::HttpHeaders& headers) {
  return ViewClient(*IpAddress::Parse(peer), "http", "us.example", headers, Trusted());
}

struct Hops {
  const char* peer;
  std::vector<std::string> forwarded;  // one header each
  const char* sender;
};

TEST_CASE("the sender is the rightmost hop that is not trusted") {
  const std::vector<Hops> table = {
      {"203.0.113.5", {}, "203.0.113.5"},
      {"203.0.113.5", {"198.51.100.1"}, "203.0.113.5"},  // not a proxy of ours: lies
      {"10.1.2.3", {}, "10.1.2.3"},
      {"10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
      {"10.1.2.3", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
      {"10.1.2.3", {"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
      {"10.1.2.3", {"1.1.1.1,\t198.51.100.1 , 192.0.2.7,10.9.9.9"}, "198.51.100.1"},
      {"10.1.2.3", {"10.0.0.1, 192.0.2.7"}, "10.0.0.1"},  // all of them ours: the first
      {"::ffff:10.1.2.3", {"198.51.100.1"}, "198.51.100.1"},
      {"::ffff:203.0.113.5", {"198.51.100.1"}, "203.0.113.5"},
      {"10.1.2.3", {"::ffff:198.51.100.1"}, "198.51.100.1"},
      {"10.1.2.3", {"::ffff:10.4.4.4"}, "10.4.4.4"},
      {"10.1.2.3", {"8.8.8.8, ::ffff:10.4.4.4"}, "8.8.8.8"},
      {"fd00::1", {"2001:DB8:0::1"}, "2001:db8::1"},
      // With ports and brackets.
      {"10.1.2.3", {"198.51.100.1:4711"}, "198.51.100.1"},
      {"10.1.2.3", {"[2001:db8::1]"}, "2001:db8::1"},
      {"10.1.2.3", {"[2001:db8::1]:4711"}, "2001:db8::1"},
      // Malformed: who named it, at worst the peer.
      {"10.1.2.3", {""}, "10.1.2.3"},
      {"10.1.2.3", {"unknown"}, "10.1.2.3"},
      {"10.1.2.3", {"198.51.100.1, "}, "10.1.2.3"},
      {"10.1.2.3", {"198.51.100.1,,192.0.2.7"}, "192.0.2.7"},
      {"10.1.2.3", {"1.1.1.1, unknown"}, "10.1.2.3"},
      {"10.1.2.3", {"unknown, 198.51.100.1"}, "198.51.100.1"},
      {"10.1.2.3", {"198.51.100.1:"}, "10.1.2.3"},
      {"10.1.2.3", {"198.51.100.1:x"}, "10.1.2.3"},
      {"10.1.2.3", {"198.51.100.1:123456"}, "10.1.2.3"},
      {"10.1.2.3", {"[198.51.100.1]"}, "10.1.2.3"},
      {"10.1.2.3", {"[2001:db8::1"}, "10.1.2.3"},
      {"10.1.2.3", {"[2001:db8::1]x"}, "10.1.2.3"},
      {"10.1.2.3", {"[]"}, "10.1.2.3"},
      {"10.1.2.3", {"["}, "10.1.2.3"},
      {"10.1.2.3", {":1"}, "10.1.2.3"},
      {"10.1.2.3", {"010.0.0.1"}, "10.1.2.3"},
      {"10.1.2.3", {"198.51.100.1/32"}, "10.1.2.3"},
      {"10.1.2.3", {"fe80::1%eth0"}, "10.1.2.3"},
      {"10.1.2.3", {"\"198.51.100.1\""}, "10.1.2.3"},
  };
  for (const Hops& row : table) {
    delivery::HttpHeaders headers;
    for (const std::string& value : row.forwarded) headers.emplace_back("x-Forwarded-FOR", value);
    CAPTURE(row.peer);
    CAPTURE(row.forwarded.empty() ? "" : row.forwarded.front());
    CHECK(View(row.peer, headers).address == row.sender);
  }
}

TEST_CASE("only a trusted proxy says what was called") {
  const delivery::HttpHeaders headers = {{"X-Forwarded-Proto", "HTTPS"},
                                         {"X-Forwarded-Host", "hooks.example:8443"}};
  CHECK(View("203.0.113.5", headers).origin == "http://us.example");
  CHECK(View("10.1.2.3", headers).origin == "https://hooks.example:8443");
  CHECK(View("10.1.2.3", {}).origin == "http://us.example");
}

TEST_CASE("of several the last, and nothing that is malformed") {
  CHECK(View("10.1.2.3", {{"X-Forwarded-Proto", "http, https"},
                          {"X-Forwarded-Host", "lie.example"},
                          {"X-Forwarded-Host", "a.example, [2001:db8::1]:1"}})
            .origin == "https://[2001:db8::1]:1");
  CHECK(View("10.1.2.3", {{"X-Forwarded-Proto", "gopher"}, {"X-Forwarded-Host", "a/b"}}).origin ==
        "http://us.example");
  CHECK(View("10.1.2.3", {{"X-Forwarded-Proto", ""}, {"X-Forwarded-Host", ""}}).origin ==
        "http://us.example");
  CHECK(View("10.1.2.3", {{"X-Forwarded-Host", "u@a"}}).origin == "http://us.example");
}

}  // namespace
}  // namespace webhook::net
