// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/frozen_content.h"

#include <doctest/doctest.h>

using namespace webhook::model;

TEST_CASE("content comes back as it was, byte for byte") {
  const FrozenContent content{
      "put", "/a b", {{"X-A", "1"}, {"x-ü", ""}}, "{\"n\": 1.10, \"t\": \"\\u0001 ü\n\"}"};
  const auto back = DecodeFrozenContent(EncodeFrozenContent(content));
  REQUIRE(back.has_value());
  CHECK(back->http_method == content.http_method);
  CHECK(back->target_path == content.target_path);
  CHECK(back->request_headers == content.request_headers);
  CHECK(back->payload == content.payload);
}

TEST_CASE("what is no content is nothing") {
  CHECK_FALSE(DecodeFrozenContent("").has_value());
  CHECK_FALSE(DecodeFrozenContent("[]").has_value());
  CHECK_FALSE(DecodeFrozenContent(R"({"http_method": "put"})").has_value());
  CHECK_FALSE(
      DecodeFrozenContent(
          R"({"http_method":"put","target_path":"","payload":"","request_headers":{"a":1}})")
          .has_value());
}
