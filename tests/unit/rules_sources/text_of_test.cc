// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/text_of.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {

TEST_CASE("the text of each kind of value") {
  CHECK(TextOf({}).empty());
  CHECK(TextOf(Json("null")).empty());
  CHECK(TextOf(Json("false")) == "false");
  CHECK(TextOf(Json("true")) == "true");
  CHECK(TextOf(Json("0")) == "0");
  CHECK(TextOf(Json("1.10")) == "1.10");
  CHECK(TextOf(Json("1E400")) == "1E400");
  CHECK(TextOf(Json("\" Ä\"")) == " Ä");
  CHECK(TextOf(Json("[1, {\"b\": \"ü\", \"a\": null}]")) == "[1,{\"b\":\"ü\",\"a\":null}]");
}

TEST_CASE("messages show a value shortened, between characters") {
  CHECK(Shown({}) == "missing");
  CHECK(Shown(Json("null")) == "null");
  CHECK(Shown(Json("\"1\"")) == "\"1\"");
  const std::string shown = Shown(model::Value::Text(std::string(78, 'x') + "ääää"));
  CHECK(shown == "\"" + std::string(78, 'x') + "…");
}

}  // namespace webhook::rules
