// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_operation.h"

#include <doctest/doctest.h>

#include "lib/rules/operation_fields.h"
#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;
using namespace webhook::rules;
using model::OperationKind;

namespace {

model::RecordOperation Operation(OperationKind kind, const std::string& values,
                                 std::vector<model::LookupKey> lookup = {}) {
  model::RecordOperation operation;
  operation.kind = kind;
  operation.model = "res.partner";
  operation.lookup = std::move(lookup);
  operation.values = Json(values);
  operation.rule_id = 3;
  return operation;
}

std::string Text(const model::RecordOperation& operation) {
  const auto coerced = CoerceOperation(operation, SalesMetadata(), {"res.partner"});
  if (!coerced.ok()) return "! " + PlanErrorText(coerced.error());
  std::string text;
  for (const auto& key : coerced.value().lookup) {
    text += key.field + "=" + model::DumpJson(key.value) + ";";
  }
  return text + model::DumpJson(coerced.value().values);
}

std::string Created(const std::string& values) {
  return Text(Operation(OperationKind::kCreate, values));
}

}  // namespace

TEST_CASE("plain JSON becomes the contract's form") {
  CHECK(
      Created(
          R"({"name": "A", "is_company": "yes", "credit": 1.10, "country_id": "base.de", "parent_id": null,
                    "category_id": [1, "base.tag"],
                    "child_ids": [{"name": "Ann", "color": "3", "category_id": [7]}, {"values": {"name": "Bob"}}, {"id": 9}]})") ==
      R"({"name":"A","is_company":true,"credit":"1.10","country_id":{"external_id":"base.de"},"parent_id":false,)"
      R"("category_id":{"mode":"replace","items":[{"id":1},{"external_id":"base.tag"}]},)"
      R"("child_ids":{"mode":"replace","items":[)"
      R"({"values":{"name":"Ann","color":3,"category_id":{"mode":"replace","items":[{"id":7}]}}},)"
      R"({"values":{"name":"Bob"}},{"id":9}]}})");
  CHECK(Created(R"({"child_ids": {"mode": "add", "items": [{"name": "Ann"}]}})") ==
        R"({"child_ids":{"mode":"add","items":[{"values":{"name":"Ann"}}]}})");
  CHECK(CoerceOperation(Operation(OperationKind::kCreate, "{}"), SalesMetadata(), {"res.partner"})
            .value()
            .rule_id == 0);
}

TEST_CASE("what is coerced stays as it is") {
  const auto once = CoerceOperation(
      Operation(OperationKind::kUpsert,
                R"({"credit": 1.10, "child_ids": [{"name": "Ann"}, 5], "country_id": "base.de"})",
                {{"ref", Json("5")}, {"parent_id", Json("6")}}),
      SalesMetadata(), {"res.partner"});
  REQUIRE(once.ok());
  const auto twice = CoerceOperation(once.value(), SalesMetadata(), {"res.partner"});
  REQUIRE(twice.ok());
  CHECK(twice.value().values == once.value().values);
  CHECK(twice.value().lookup[1].value == once.value().lookup[1].value);
}

TEST_CASE("errors name operation, field and value") {
  CHECK(Created(R"({"color": "red"})") ==
        "! create res.partner (color): found \"red\", expected a whole number from -2147483648 to "
        "2147483647");
  CHECK(Created(R"({"child_ids": [{"color": "red"}]})")
            .starts_with(
                "! create res.partner (child_ids/color): found \"red\", expected a whole number"));
  CHECK(Created(R"({"foo": 1})") ==
        "! create res.partner (foo): the execution user sees no such field of res.partner");
  CHECK(Created(R"({"display_name": "x"})").ends_with("the field cannot be written"));
  CHECK(Created(R"({"child_ids": [{"child_ids": [{"name": "x"}]}]})") ==
        "! create res.partner (child_ids/child_ids): new records inside the items of a list cannot "
        "be written");
  CHECK(Created("[]") == "! create res.partner: found [], expected an object of fields and values");
  CHECK(Created(R"({"child_ids": [{"name": "x"}, true]})")
            .starts_with(
                "! create res.partner (child_ids): found true, expected a record of res.partner"));
}

TEST_CASE("lookups of update and upsert") {
  CHECK(Text(Operation(OperationKind::kUpdate, "{}",
                       {{"ref", Json("1.10")}, {"is_company", Json("0")}})) ==
        R"(ref="1.10";is_company=false;{})");
  CHECK(Text(Operation(OperationKind::kUpdate, "{}")) ==
        "! update res.partner: from 1 to 20 lookup keys are needed");
  CHECK(Text(Operation(OperationKind::kUpsert, "{}", {{"ref", Json("null")}})) ==
        "! upsert res.partner, lookup (ref): found null, expected a value, as the record is looked "
        "up by it");
  CHECK(Text(Operation(OperationKind::kUpsert, "{}", {{"", Json("1")}})).ends_with("no field"));
  CHECK(Text(Operation(OperationKind::kCreate, "{}", {{"ref", Json("null")}})) == "{}");
}

TEST_CASE("only allowed models") {
  model::RecordOperation operation = Operation(OperationKind::kCreate, "{}");
  operation.model = "res.users";
  CHECK(Text(operation) ==
        "! create res.users: the model is not among those that the handler allows its callback");
}

TEST_CASE("an operation stays below its limits") {
  model::Value::Object fields;
  for (std::size_t i = 0; i <= kFieldsMax; ++i) fields.push_back({std::to_string(i), Json("1")});
  model::RecordOperation operation = Operation(OperationKind::kCreate, "{}");
  operation.values = model::Value::ObjectOf(std::move(fields));
  CHECK(Text(operation) == "! create res.partner: more than 1000 fields of one record");
  const std::string half(1 << 20, 'x');
  CHECK(Created(R"({"name": ")" + half + R"(", "ref": ")" + half + R"("})") ==
        "! create res.partner (ref): with this value the operation is larger than 2 MiB");
}
