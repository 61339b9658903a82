// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/ip_address.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace webhook::net {
namespace {

TEST_CASE("addresses have one spelling on the way in and one on the way out") {
  CHECK(IpAddress::Parse("192.0.2.1")->ToString() == "192.0.2.1");
  CHECK(IpAddress::Parse("2001:DB8:0:0::1")->ToString() == "2001:db8::1");
  CHECK(IpAddress::Parse("::ffff:192.0.2.1")->ToString() == "::ffff:192.0.2.1");
  CHECK(IpAddress::Parse("192.0.2.1")->WithPort(80) == "192.0.2.1:80");
  CHECK(IpAddress::Parse("2001:db8::1")->WithPort(443) == "[2001:db8::1]:443");
}

TEST_CASE("other spellings are no addresses") {
  for (const std::string_view text :
       {"", "1", "1.2.3", "01.2.3.4", "1.2.3.256", "1.2.3.4 ", "1.2.3.4.", "0x1.2.3.4",
        "2130706433", "fe80::1%eth0", "[::1]", "::1::", "12345::", "1.2.3.4:80"}) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::Parse(text).has_value());
  }
  CHECK_FALSE(IpAddress::Parse(std::string_view("1.2.3.4\0x", 9)).has_value());
}

TEST_CASE("networks contain what begins alike") {
  const auto contains = [](const char* network, const char* address) {
    return Cidr::Parse(network)->Contains(*IpAddress::Parse(address));
  };
  CHECK(contains("10.0.0.0/8", "10.255.255.255"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  CHECK(contains("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(contains("192.0.2.1", "192.0.2.2"));
  CHECK(contains("0.0.0.0/0", "255.255.255.255"));
  CHECK_FALSE(contains("0.0.0.0/0", "::1"));
  CHECK(contains("fc00::/7", "fdff::1"));
  CHECK_FALSE(contains("fc00::/7", "fe00::1"));
}

TEST_CASE("what is not a network is said to be none") {
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "10.0.0.1/8",
                           "fd00::/129", "fd00::1/64", "/8", "10/8", "10.0.0.0/8/8"}) {
    CAPTURE(text);
    CHECK_FALSE(Cidr::Parse(text).has_value());
  }
}

}  // namespace
}  // namespace webhook::net
