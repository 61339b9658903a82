// SPDX-License-Identifier: LGPL-3.0-or-later
// What the transport says of a URL before anything is sent.
#include <doctest/doctest.h>

#include "tests/conformance/net/pooled_rig.h"

using namespace webhook;
using delivery::TransportErrorKind;

TEST_CASE("a URL is judged without asking for its name") {
  net_tests::PooledRig rig;
  const auto kind_of = [&](const std::string& url) {
    const auto refused = rig.transport->WhyRefused(url);
    return refused ? std::optional(refused->kind) : std::nullopt;
  };
  CHECK(kind_of("https://shop.example/") == std::nullopt);
  CHECK(kind_of("http://127.0.0.1:8080/") == std::nullopt);
  CHECK(kind_of("https://169.254.169.254/") == TransportErrorKind::kAddressRefused);
  CHECK(kind_of("https://[fd00::1]/") == TransportErrorKind::kAddressRefused);
  CHECK(kind_of("https://0x7f.1/") == TransportErrorKind::kRequestInvalid);
  CHECK(kind_of("ftp://shop.example/") == TransportErrorKind::kRequestInvalid);
  CHECK(rig.lookup.count() == 0);
}

TEST_CASE("plain http is refused where it is not allowed") {
  net::TransportOptions options = net_tests::LoopbackOptions();
  options.plain_http_allowed = false;
  net_tests::PooledRig rig(options);
  const auto refused = rig.transport->WhyRefused("http://shop.example/");
  REQUIRE(refused);
  CHECK(refused->kind == TransportErrorKind::kRequestInvalid);
}
