// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/describe.h"

#include <doctest/doctest.h>

#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;
using namespace webhook::rules;

namespace {

std::string Described(model::OperationKind kind, const std::string& values,
                      std::vector<model::LookupKey> lookup = {}) {
  model::RecordOperation operation;
  operation.kind = kind;
  operation.model = "res.partner";
  operation.lookup = std::move(lookup);
  operation.values = Json(values);
  return Describe(operation);
}

}  // namespace

TEST_CASE("operations in one line") {
  using enum model::OperationKind;
  CHECK(Described(
            kCreate,
            R"({"name": "Acme", "category_id": {"mode": "replace", "items": [{"id": 1}, {"id": 2}]},
                               "child_ids": {"mode": "replace", "items": [{"values": {"name": "A"}}]}})") ==
        R"(create res.partner: name = "Acme", category_id = [2 records], child_ids = [1 new])");
  CHECK(Described(
            kUpsert,
            R"({"country_id": {"external_id": "base.us"}, "parent_id": {"id": 5}, "credit": "1.50",
                      "category_id": {"mode": "add", "items": [{"id": 1}]}, "comment": false,
                      "child_ids": {"mode": "add", "items": [{"id": 1}, {"values": {}}]}})",
            {{"ref", Json(R"("A")")}, {"parent_id", Json(R"({"id": 5})")}}) ==
        R"(upsert res.partner where ref = "A" and parent_id = record 5: country_id = base.us, )"
        R"(parent_id = record 5, credit = "1.50", category_id = present + [1 record], )"
        R"(comment = false, child_ids = present + [1 record, 1 new])");
  CHECK(
      Described(kUpdate, R"({"country_id": {"lookup": [{"field": "code", "value": "US"},
                               {"field": "phone_code", "value": 1}], "model": "res.country"}})",
                {{"id", Json("7")}}) ==
      R"(update res.partner where id = 7: country_id = res.country with code "US" and phone_code 1)");
  CHECK(Described(kUpdate, "{}", {{"id", Json("7")}}) ==
        "update res.partner where id = 7: nothing");
}

TEST_CASE("a description is short, whatever the operation") {
  model::Value::Object values;
  for (int i = 0; i < 60; ++i) {
    values.push_back({"field_" + std::to_string(i), model::Value::Text(std::string(10000, 'x'))});
  }
  model::RecordOperation operation;
  operation.model = "m";
  operation.values = model::Value::ObjectOf(std::move(values));
  const std::string text = Describe(operation);
  CHECK(text.size() < 6000);
  CHECK(text.ends_with(" and 10 more"));
}

TEST_CASE("odd values never break it") {
  using enum model::OperationKind;
  CHECK(
      Described(kCreate, R"({"a": {"lookup": 5, "model": 6}, "b": {"mode": "add", "items": 5}})") ==
      R"(create res.partner: a =  with , b = {"mode":"add","items":5})");
}
