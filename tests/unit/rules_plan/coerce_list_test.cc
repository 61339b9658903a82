// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_list.h"

#include <doctest/doctest.h>

#include "tests/unit/rules_plan/json_values.h"

using namespace webhook;
using namespace webhook::rules;
using model::ListMode;

namespace {

std::string CoercedText(const std::string& value, ListMode mode = ListMode::kReplace) {
  model::FieldMeta field;
  field.type = model::FieldType::kMany2many;
  field.relation = "res.partner.category";
  const Coerced coerced = Coerce(field, Json(value), mode);
  return coerced.ok() ? model::DumpJson(coerced.value()) : "! " + coerced.error().expectation;
}

}  // namespace

TEST_CASE("records: one, a list, or the contract's list with its own mode") {
  CHECK(CoercedText("5") == R"({"mode":"replace","items":[{"id":5}]})");
  CHECK(CoercedText(R"([5, "base.tag"])", ListMode::kAdd) ==
        R"({"mode":"add","items":[{"id":5},{"external_id":"base.tag"}]})");
  CHECK(CoercedText("[]") == R"({"mode":"replace","items":[]})");
  CHECK(CoercedText(R"({"mode": "add", "items": [5]})") == R"({"mode":"add","items":[{"id":5}]})");
  CHECK(CoercedText("null") == "false");
  CHECK(CoercedText(R"("")") == "false");
}

TEST_CASE("records: what does not fit") {
  CHECK(CoercedText("[5, null]") == "! a list without null");
  CHECK(CoercedText(R"(["red"])").starts_with("! a record of res.partner.category: "));
  CHECK(CoercedText(R"([{"values": {"name": "new"}}])").starts_with("! a record of "));
  CHECK(CoercedText(R"({"mode": "both", "items": []})").starts_with("! a record of "));
  model::Value::List many(kItemsMax + 1, model::Value::Integer(5));
  CHECK(ItemsOf(model::Value::ListOf(many), ListMode::kAdd).error().expectation ==
        "a list of at most 1000 items");
  many.pop_back();
  CHECK(ItemsOf(model::Value::ListOf(many), ListMode::kAdd).ok());
}
