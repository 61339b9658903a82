// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/plan_error.h"

#include <doctest/doctest.h>

#include "tests/unit/rules_plan/json_values.h"

using namespace webhook;
using namespace webhook::rules;

TEST_CASE("what an error says") {
  CHECK(PlanErrorText(MisfitError({"New lead", "assignment 3", "revenue"}, Json(R"("abc")"),
                                  "a number such as 12.50")) ==
        R"(rule "New lead", assignment 3 (revenue): found "abc", expected a number such as 12.50)");
  CHECK(PlanErrorText(PlaceError({"New lead", "", ""}, "the rule has no lookup key")) ==
        R"(rule "New lead": the rule has no lookup key)");
  CHECK(PlanErrorText(MisfitError({"", "create res.partner", "name"}, Json("missing"), "a text")) ==
        "create res.partner (name): found missing, expected a text");
}

TEST_CASE("of a long value only the beginning is said, and nothing that breaks a line") {
  const std::string text = PlanErrorText(MisfitError(
      {"R\n", "assignment 1", "f"}, model::Value::Text(std::string(5000, 'x') + "\n"), "y"));
  CHECK(text.size() < 300);
  CHECK(text.find("xxx…, expected y") != std::string::npos);
  CHECK(PlanErrorText(MisfitError({"R", "a", "f"}, model::Value::Text("x\ny"), "z")) ==
        R"(rule "R", a (f): found "x\ny", expected z)");
}
