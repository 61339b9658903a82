// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/request_target.h"

#include <doctest/doctest.h>

using webhook::inbound::EndpointPath;

TEST_CASE("the path is exactly one segment behind the prefix; a query is allowed") {
  CHECK(EndpointPath("/webhooks/in/shop") == "shop");
  CHECK(EndpointPath("/webhooks/in/shop?hub.mode=subscribe&a=/b") == "shop");
  CHECK(EndpointPath("/webhooks/in/sh%6fp") == "shop");
  CHECK(EndpointPath("/webhooks/in/%2573") == "%73");  // once
  CHECK(EndpointPath("/webhooks/in/a%2Fb") == "a/b");  // no endpoint is called that
  CHECK(EndpointPath("/webhooks/in/a%00") == std::string("a\0", 2));
  for (const char* target :
       {"", "/", "/webhooks/in", "/webhooks/in/", "/webhooks/in/?a", "/webhooks/in/shop/",
        "/webhooks/in//shop", "/webhooks/in/a/b", "//webhooks/in/shop", "/WEBHOOKS/in/shop",
        "/x/webhooks/in/shop", "/webhooks/in/shop%", "/webhooks/in/shop%2", "/webhooks/in/%zz",
        "/webhooks/in/..%"}) {
    CAPTURE(target);
    CHECK_FALSE(EndpointPath(target).has_value());
  }
}
