// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/network.h"

#include <doctest/doctest.h>

namespace webhook::inbound {
namespace {

bool Holds(std::string_view network, std::string_view address) {
  const auto parsed = Network::Parse(network);
  REQUIRE(parsed);
  return parsed->Contains(address);
}

TEST_CASE("networks hold their addresses, to the bit") {
  CHECK(Holds("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(Holds("192.0.2.0/24", "192.0.3.0"));
  CHECK(Holds("192.0.2.128/25", "192.0.2.128"));
  CHECK_FALSE(Holds("192.0.2.128/25", "192.0.2.127"));
  CHECK(Holds("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(Holds("192.0.2.7", "192.0.2.6"));
  CHECK(Holds("0.0.0.0/0", "203.0.113.1"));
  CHECK(Holds("2001:db8::/32", "2001:db8:ffff::1"));
  CHECK_FALSE(Holds("2001:db8::/32", "2001:db9::1"));
  CHECK(Holds("2001:db8::1", "2001:0db8:0::1"));
}

TEST_CASE("an IPv4 address inside IPv6 is judged as IPv4") {
  CHECK(Holds("192.0.2.0/24", "::ffff:192.0.2.7"));
  CHECK(Holds("::ffff:192.0.2.0/120", "192.0.2.7"));
  CHECK_FALSE(Holds("::/0", "192.0.2.7"));
  CHECK(Holds("::/0", "2001:db8::1"));
  CHECK_FALSE(Holds("0.0.0.0/0", "2001:db8::1"));
}

TEST_CASE("what is no network is none") {
  for (const std::string_view text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "10.0.0.0/08",
        "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ", " 10.0.0.0/8", "2001:db8::/129",
        "2001:db8::1/64", "example.com", "fe80::1%eth0", "10.0.0.0/8/8", "10.0.0.0/²"}) {
    CAPTURE(text);
    CHECK_FALSE(Network::Parse(text));
  }
  CHECK_FALSE(Network::Parse(std::string_view("10.0.0.1\0x", 10)));
}

TEST_CASE("what is no numeric address is in no network") {
  for (const std::string_view address : {"", "localhost", "10.0.0", "10.0.0.1:80", "[::1]"}) {
    CHECK_FALSE(Holds("0.0.0.0/0", address));
  }
  CHECK_FALSE(Holds("0.0.0.0/0", std::string(100'000, '1')));
}

}  // namespace
}  // namespace webhook::inbound
