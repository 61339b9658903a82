// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/literal.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {

TEST_CASE("a literal is what was typed") {
  for (const std::string typed : {"1.10", "00123", "1e5", "-0", "true", "null", "", " 5 ", "\"x\"",
                                  "[1]", "NaN", "{\"a\":1}"}) {
    CAPTURE(typed);
    const auto literal = CompileLiteral(typed, false);
    REQUIRE(literal.ok());
    REQUIRE(literal.value().text() != nullptr);
    CHECK(*literal.value().text() == typed);
  }
}

TEST_CASE("a JSON literal is its value, numbers as they are written") {
  for (const std::string typed :
       {"1.10", "1e5", "-0", "true", "null", "\"x\"", "[1,{\"a\":2.0}]"}) {
    CAPTURE(typed);
    const auto literal = CompileLiteral(typed, true);
    REQUIRE(literal.ok());
    CHECK(Written(literal.value()) == typed);
  }
  CHECK(CompileLiteral(" 5 ", true).value() == model::Value::Integer(5));
}

TEST_CASE("a literal that is not JSON is a finding that does not quote it") {
  for (const std::string typed : {"", "00123", "NaN", "Infinity", "secret", "[1,", "'x'", "True"}) {
    CAPTURE(typed);
    const auto literal = CompileLiteral(typed, true);
    REQUIRE(!literal.ok());
    CHECK(literal.error().starts_with("the literal is not JSON: "));
    CHECK(!Has(literal.error(), "secret"));
  }
}

}  // namespace webhook::rules
