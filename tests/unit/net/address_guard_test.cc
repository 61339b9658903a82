// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/address_guard.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace webhook::net {
namespace {

TEST_CASE("a mapped address is dialled as what it is") {
  const auto checked = AddressGuard({}).Check(*IpAddress::Parse("::ffff:8.8.8.8"), 443);
  CHECK(checked.value().ToString() == "8.8.8.8:443");
}

bool Passes(const std::vector<const char*>& rules, const char* address, std::uint16_t port) {
  std::vector<AllowRule> parsed;
  for (const char* rule : rules) parsed.push_back(*ParseAllowRule(rule));
  return AddressGuard(parsed).Check(*IpAddress::Parse(address), port).ok();
}

TEST_CASE("a rule allows its network, on its ports") {
  CHECK(Passes({"10.1.0.0/16"}, "10.1.2.3", 1));
  CHECK_FALSE(Passes({"10.1.0.0/16"}, "10.2.0.1", 1));
  CHECK(Passes({"10.1.2.3:8080"}, "10.1.2.3", 8080));
  CHECK_FALSE(Passes({"10.1.2.3:8080"}, "10.1.2.3", 8081));
  CHECK_FALSE(Passes({"10.1.2.3:8080"}, "10.1.2.4", 8080));
  CHECK(Passes({"10.0.0.0/8:443,8000-8999"}, "10.9.9.9", 8500));
  CHECK_FALSE(Passes({"10.0.0.0/8:443,8000-8999"}, "10.9.9.9", 9000));
  CHECK(Passes({"[fd00::/8]:443"}, "fd00::1", 443));
  CHECK_FALSE(Passes({"[fd00::/8]:443"}, "fd00::1", 80));
  CHECK(Passes({"::1"}, "::1", 80));
  CHECK(Passes({"127.0.0.0/8", "::1"}, "127.0.0.1", 80));
}

TEST_CASE("rules work for every refused range, carrier-grade NAT and metadata included") {
  CHECK(Passes({"100.64.0.0/10"}, "100.100.100.200", 80));
  CHECK(Passes({"169.254.169.254:80"}, "169.254.169.254", 80));
  CHECK(Passes({"fe80::/10"}, "fe80::1", 80));
  CHECK(Passes({"0.0.0.0/0"}, "255.255.255.255", 80));
}

TEST_CASE("a rule for IPv4 covers the mapped form, and no other form") {
  CHECK(Passes({"10.0.0.0/8"}, "::ffff:10.0.0.1", 80));
  CHECK_FALSE(Passes({"10.0.0.0/8"}, "64:ff9b::10.0.0.1", 80));
  CHECK_FALSE(Passes({"10.0.0.0/8"}, "2002:a00:1::1", 80));
  CHECK_FALSE(Passes({"10.0.0.0/8"}, "::10.0.0.1", 80));
}

TEST_CASE("a rule for a translator does not open what is behind it") {
  CHECK(Passes({"64:ff9b::/96"}, "64:ff9b::8.8.8.8", 443));
  CHECK_FALSE(Passes({"64:ff9b::/96"}, "64:ff9b::10.0.0.1", 443));
  CHECK_FALSE(Passes({"::/0"}, "64:ff9b::169.254.169.254", 443));
  CHECK(Passes({"64:ff9b::/96", "10.0.0.0/8"}, "64:ff9b::10.0.0.1", 443));
  CHECK(Passes({"2002::/16"}, "2002:808:808::1", 443));
  CHECK_FALSE(Passes({"2002::/16"}, "2002:a00:1::1", 443));
}

TEST_CASE("what is no rule is said to be none") {
  for (const char* text :
       {"", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:9-8", "10.0.0.0/8:1,",
        "10.0.0.1/8", "example.com", "10.0.0.0/8 :80", "[fd00::/8]443", "[fd00::/8",
        "[fd00::/8]:", "fd00::/8:443", "10.0.0.0/8:http", ":80", "*"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseAllowRule(text).has_value());
  }
}

}  // namespace
}  // namespace webhook::net
