// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/network.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/net/address_guard.h"

namespace webhook::config {

TEST_CASE("networks and addresses, with and without ports; lib/net understands each") {
  for (const char* good :
       {"127.0.0.0/8", "10.1.2.0/24:8443", "10.1.2.0/24:443,8000-8999", "127.0.0.1",
        "127.0.0.1:8080", "0.0.0.0/0", "fd00::/8", "::1", "[::1]", "[::1]:1", "[fd00::/8]:8443",
        "[fd00::/8]:443,8000-8999", "::ffff:10.0.0.0/104", "10.0.0.0/08"}) {
    CAPTURE(good);
    CHECK_FALSE(CheckNetwork(good));
    CHECK(net::ParseAllowRule(good));
  }
}

TEST_CASE("what is not a network, here as in lib/net") {
  for (const char* bad :
       {"",           "localhost",    "10.0.0.0/33",    "10.0.0.0/",     "10.0.0.0/-1",
        "10.0.0/8",   "10.0.0.0/8:0", "10.0.0.0/8:",    "10.0.0.0/8:1,", "10.0.0.0/8:65536",
        "fd00::/129", "[fd00::/8",    "[fd00::/8]8443", "10.0.0.0/8x",   "10.0.0.0/8:2-1",
        "[]",         "/8",           "10.0.0.0/8:1-",  "10.0.0.0/8:-1", "10.0.0.0/8:1-2-3"}) {
    CAPTURE(bad);
    const auto complaint = CheckNetwork(bad);
    REQUIRE(complaint);
    CHECK(complaint->what == Cite(bad) + " is not a network");
    CHECK_FALSE(net::ParseAllowRule(bad));
  }
  CHECK(CheckNetwork(std::string_view("10.0.0.0\0/8", 11)));
}

TEST_CASE("bits behind the prefix are a mistake, and the likely meaning is said") {
  CHECK(CheckNetwork("10.1.2.3/24")->what == "\"10.1.2.3/24\" has bits behind its prefix");
  CHECK(CheckNetwork("10.1.2.3/24")->expected == "did you mean 10.1.2.0/24?");
  CHECK(CheckNetwork("fd00::1/8")->expected == "did you mean fd00::/8?");
}

}  // namespace webhook::config
