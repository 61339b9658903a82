// SPDX-License-Identifier: LGPL-3.0-or-later
// many2one and many2many, as Odoo's import names them.
#include <doctest/doctest.h>

#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;
using namespace webhook::rules;

namespace {

PlannedRule Partner() {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", Typed("A"));
  return rule;
}

// The value of the field that comes behind the name.
std::string Second(const PlannedRule& rule, const std::string& payload) {
  const auto planned = rule.On(payload);
  if (!planned.ok()) return "! " + planned.error().expectation;
  const auto& values = *planned.value().values.object();
  return values.size() < 2 ? "none" : model::DumpJson(values[1].value);
}

}  // namespace

TEST_CASE("many2one: by id, external id, database id, or a field of the relation") {
  CHECK(Second(Partner().Assign("country_id", Payload("c")), R"({"c": 5})") == R"({"id":5})");
  CHECK(Second(Partner().Assign("country_id", Payload("c")), R"({"c": "base.us"})") ==
        R"({"external_id":"base.us"})");
  CHECK(Second(Partner().Assign("country_id/.id", Payload("c")), R"({"c": "5"})") == R"({"id":5})");
  CHECK(Second(Partner().Assign("country_id/.id", Payload("c")), R"({"c": "base.us"})") ==
        "! the id of a record, a whole number from 1 on");
  CHECK(Second(Partner().Assign("country_id/id", Payload("c")), R"({"c": "base.us"})") ==
        R"({"external_id":"base.us"})");
  CHECK(Second(Partner().Assign("country_id/id", Payload("c")), R"({"c": 5})") ==
        "! an external id such as base.us");
  CHECK(Second(Partner().Assign("country_id/code", Payload("c")), R"({"c": "US"})") ==
        R"({"lookup":[{"field":"code","value":"US"}],"model":"res.country"})");
  CHECK(Second(Partner().Assign("country_id/phone_code", Payload("c")), R"({"c": "49"})") ==
        R"({"lookup":[{"field":"phone_code","value":49}],"model":"res.country"})");
  CHECK(Second(Partner().Assign("parent_id/country_id.code", Payload("c")), R"({"c": "US"})") ==
        R"({"lookup":[{"field":"country_id.code","value":"US"}],"model":"res.partner"})");
}

TEST_CASE("many2one: missing leaves out, null, false and an empty text clear") {
  for (const char* target : {"country_id", "country_id/id", "country_id/.id", "country_id/code"}) {
    CAPTURE(target);
    const PlannedRule rule = Partner().Assign(target, Payload("c"));
    CHECK(Second(rule, "{}") == "none");
    CHECK(Second(rule, R"({"c": null})") == "false");
    CHECK(Second(rule, R"({"c": ""})") == "false");
    CHECK(Second(rule, R"({"c": false})") == "false");
  }
}

TEST_CASE("many2one: several keys are one lookup, and all are needed") {
  const PlannedRule rule =
      Partner().Assign("parent_id/ref", Payload("ref")).Assign("parent_id/name", Payload("name"));
  CHECK(
      Second(rule, R"({"ref": "R", "name": "N"})") ==
      R"({"lookup":[{"field":"ref","value":"R"},{"field":"name","value":"N"}],"model":"res.partner"})");
  CHECK(Second(rule, R"({"ref": "R"})") == "! a value, as the record is looked up by all its keys");
  CHECK(Second(rule, R"({"ref": "R", "name": null})").starts_with("! a value"));
  CHECK(Second(rule, "{}") == "none");
  CHECK(Second(rule, R"({"name": null})") == "false");
}

TEST_CASE("many2one: later rows override, also those of another way") {
  const PlannedRule rule = Partner()
                               .Assign("parent_id/ref", Typed("OLD"))
                               .Assign("parent_id", Payload("id"))
                               .Assign("parent_id/ref", Payload("ref"))
                               .Assign("parent_id/ref", Payload("better"));
  CHECK(Second(rule, "{}") ==
        R"({"lookup":[{"field":"ref","value":"OLD"}],"model":"res.partner"})");
  CHECK(Second(rule, R"({"id": 5})") == R"({"id":5})");
  CHECK(Second(rule, R"({"id": 5, "ref": "R"})") ==
        R"({"lookup":[{"field":"ref","value":"R"}],"model":"res.partner"})");
  CHECK(Second(rule, R"({"id": 5, "ref": "R", "better": "B"})") ==
        R"({"lookup":[{"field":"ref","value":"B"}],"model":"res.partner"})");
  CHECK(Second(rule, R"({"id": 5, "ref": null})") == "false");
}

TEST_CASE("a sender never says what to look for") {
  const std::string form =
      R"({"c": {"lookup": [{"field": "name", "value": "x"}], "model": "res.country"}})";
  CHECK(Second(Partner().Assign("country_id", Payload("c")), form) ==
        "! the id or external id of a record, not an object");
  CHECK(Second(Partner().Assign("country_id", Payload("c")), R"({"c": {"id": 5}})")
            .starts_with("! the id"));
  CHECK(Second(Partner().Assign("country_id/code", Payload("c")), form) == "! a single value");
  CHECK(Second(Partner().Assign("category_id", Payload("c")),
               R"({"c": {"mode": "replace", "items": []}})")
            .starts_with("! the id"));
  CHECK(Second(Partner().Assign("category_id", Payload("c")), R"({"c": [{"id": 5}]})")
            .starts_with("! the id"));
  // An administrator does.
  CHECK(Second(Partner().Assign("country_id", TypedJson(R"({"external_id": "base.us"})")), "{}") ==
        R"({"external_id":"base.us"})");
  CHECK(Second(Partner().Assign("category_id", TypedJson(R"({"mode": "add", "items": [5]})")),
               "{}") == R"({"mode":"add","items":[{"id":5}]})");
}

TEST_CASE("many2many: lists, in each way") {
  const auto tags = [](const char* target, const char* payload) {
    return Second(Partner().Assign(target, Payload("t")), payload);
  };
  CHECK(tags("category_id", R"({"t": [5, "base.tag"]})") ==
        R"({"mode":"replace","items":[{"id":5},{"external_id":"base.tag"}]})");
  CHECK(tags("category_id", R"({"t": 5})") == R"({"mode":"replace","items":[{"id":5}]})");
  CHECK(tags("category_id/.id", R"({"t": ["5"]})") == R"({"mode":"replace","items":[{"id":5}]})");
  CHECK(tags("category_id/id", R"({"t": ["base.tag"]})") ==
        R"({"mode":"replace","items":[{"external_id":"base.tag"}]})");
  CHECK(
      tags("category_id/name", R"({"t": ["A", "B"]})") ==
      R"({"mode":"replace","items":[{"lookup":[{"field":"name","value":"A"}],"model":"res.partner.category"},)"
      R"({"lookup":[{"field":"name","value":"B"}],"model":"res.partner.category"}]})");
  CHECK(
      tags("category_id/color", R"({"t": "5"})") ==
      R"({"mode":"replace","items":[{"lookup":[{"field":"color","value":5}],"model":"res.partner.category"}]})");
  CHECK(tags("category_id/name", R"({"t": []})") == R"({"mode":"replace","items":[]})");
  CHECK(tags("category_id/name", R"({"t": null})") == "false");
  CHECK(tags("category_id/name", R"({"t": ""})") == "false");
  CHECK(tags("category_id/name", "{}") == "none");
}

TEST_CASE("many2many: what does not fit") {
  const auto tags = [](const char* target, const char* payload) {
    return Second(Partner().Assign(target, Payload("t")), payload);
  };
  CHECK(tags("category_id/name", R"({"t": ["A", null]})") == "! a list without null");
  CHECK(tags("category_id/name", R"({"t": ["A", ""]})") == "! a list without empty items");
  CHECK(tags("category_id", R"({"t": [""]})") == "! a list without empty items");
  CHECK(tags("category_id/name", R"({"t": [["A"]]})") == "! a single value");
  CHECK(tags("category_id/color", R"({"t": ["red"]})") ==
        "! a whole number from -2147483648 to 2147483647");
  CHECK(tags("category_id/name/x", R"({"t": 1})").starts_with("! only one field can follow"));
}

TEST_CASE("many2many: add adds to what the rows before gave, and null adds nothing") {
  PlannedRule rule = Partner();
  rule.Add("category_id", Payload("a")).Add("category_id/id", Payload("b"));
  CHECK(Second(rule, R"({"a": 5, "b": "base.tag"})") ==
        R"({"mode":"add","items":[{"id":5},{"external_id":"base.tag"}]})");
  CHECK(Second(rule, R"({"a": 5, "b": null})") == R"({"mode":"add","items":[{"id":5}]})");
  CHECK(Second(rule, R"({"a": null})") == "none");
  PlannedRule replacing = Partner();
  replacing.Assign("category_id", Payload("a")).Add("category_id", Payload("b"));
  CHECK(Second(replacing, R"({"a": [5], "b": [6]})") ==
        R"({"mode":"replace","items":[{"id":5},{"id":6}]})");
  CHECK(Second(replacing, R"({"a": null, "b": [6]})") ==
        R"({"mode":"replace","items":[{"id":6}]})");
}

TEST_CASE("many2many: at most 1000 records over all rows") {
  PlannedRule rule = Partner();
  rule.Add("category_id", Payload("t")).Add("category_id", Payload("t"));
  std::string list = "[5";
  for (int i = 1; i < 501; ++i) list += ",5";
  CHECK(Second(rule, R"({"t": )" + list + "]}") == "! the rows give more than 1000 records");
}
