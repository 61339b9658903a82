// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/listener.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

namespace webhook::net {
namespace {

TEST_CASE("addresses to listen on are numeric and have a port") {
  const auto v4 = ListenAddress::Parse("127.0.0.1:8080");
  REQUIRE(v4.has_value());
  CHECK(v4->address.WithPort(v4->port) == "127.0.0.1:8080");
  const auto v6 = ListenAddress::Parse("[::]:0");
  REQUIRE(v6.has_value());
  CHECK(v6->address.WithPort(v6->port) == "[::]:0");
  for (const char* text : {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:8x", "localhost:80", "::1:80", "[::1]",
                           "[127.0.0.1]:80", "[::1:80", "[::1]80", "*:80"}) {
    CAPTURE(text);
    CHECK_FALSE(ListenAddress::Parse(text).has_value());
  }
}

TEST_CASE("a listener says its real port, and keeps it to itself") {
  const Listener listener("127.0.0.1:0");
  CHECK(listener.port() != 0);
  CHECK(listener.address() == "127.0.0.1:" + std::to_string(listener.port()));
  CHECK_THROWS_AS(Listener(listener.address()), std::runtime_error);
  CHECK_THROWS_AS(Listener("somewhere:80"), std::runtime_error);
}

}  // namespace
}  // namespace webhook::net
