// SPDX-License-Identifier: LGPL-3.0-or-later
// one2many from lists of the payload.
#include <doctest/doctest.h>

#include "tests/unit/rules_plan/planned_rule.h"

using namespace webhook;
using namespace webhook::rules;

namespace {

PlannedRule Order() {
  PlannedRule rule = Creating("sale.order");
  rule.Assign("order_line/name", TemplateText("{{ item.title }} / {{ payload.number }}"))
      .Assign("order_line", Payload("lines"))
      .Assign("order_line/product_id/default_code", ItemPath("sku"))
      .Assign("order_line/product_uom_qty", ItemPath("qty"))
      .Assign("order_line/tax_ids/.id", ItemPath("taxes"))
      .Assign("client_order_ref", Payload("number"));
  return rule;
}

}  // namespace

TEST_CASE("a sale order with lines from a payload list") {
  CHECK(
      Order().Values(R"({"number": "W-1", "lines": [
          {"title": "Chair", "sku": "CH", "qty": 2, "taxes": [1, 2]}, {"title": "Desk", "sku": "DE", "qty": "1.5"}]})") ==
      R"({"order_line":{"mode":"replace","items":[)"
      R"({"values":{"name":"Chair / W-1",)"
      R"("product_id":{"lookup":[{"field":"default_code","value":"CH"}],"model":"product.product"},)"
      R"("product_uom_qty":"2","tax_ids":{"mode":"replace","items":[{"id":1},{"id":2}]}}},)"
      R"({"values":{"name":"Desk / W-1",)"
      R"("product_id":{"lookup":[{"field":"default_code","value":"DE"}],"model":"product.product"},)"
      R"("product_uom_qty":"1.5"}}]},"client_order_ref":"W-1"})");
}

TEST_CASE("a partner with categories and child contacts") {
  PlannedRule rule = Creating("res.partner");
  rule.Assign("name", Payload("company"))
      .Assign("category_id/name", Payload("tags"))
      .Add("child_ids", Payload("contacts"))
      .Assign("child_ids/name", ItemPath("$"))
      .Assign("child_ids/is_company", TypedJson("false"));
  CHECK(
      rule.Values(R"({"company": "Acme", "tags": ["VIP"], "contacts": ["Ann", "Bob"]})") ==
      R"({"name":"Acme",)"
      R"("category_id":{"mode":"replace","items":[{"lookup":[{"field":"name","value":"VIP"}],"model":"res.partner.category"}]},)"
      R"("child_ids":{"mode":"add","items":[{"values":{"name":"Ann","is_company":false}},)"
      R"({"values":{"name":"Bob","is_company":false}}]}})");
  CHECK(rule.Values(R"({"company": "Acme", "contacts": null})") == R"({"name":"Acme"})");
}

TEST_CASE("missing, null, empty and single lists of items") {
  const PlannedRule rule = Order();
  CHECK(rule.Values(R"({"number": "W"})") == R"({"client_order_ref":"W"})");
  CHECK(rule.Values(R"({"number": "W", "lines": null})") ==
        R"({"order_line":false,"client_order_ref":"W"})");
  CHECK(rule.Values(R"({"number": "W", "lines": []})") ==
        R"({"order_line":{"mode":"replace","items":[]},"client_order_ref":"W"})");
  CHECK(rule.Values(R"({"number": "W", "lines": {"title": "T"}})") ==
        R"({"order_line":{"mode":"replace","items":[{"values":{"name":"T / W"}}]},)"
        R"("client_order_ref":"W"})");
}

TEST_CASE("an item that does not fit is named") {
  CHECK(Order().Values(R"({"number": "W", "lines": [{"qty": 1}, {"qty": "many"}]})") ==
        "! rule \"Import\", assignment 4, item 2 (order_line/product_uom_qty): found \"many\", "
        "expected a number such as 12.50, with a point");
  CHECK(Order()
            .Values(R"({"number": "W", "lines": [{"qty": 1}, null]})")
            .ends_with("expected a list without null"));
}

TEST_CASE("an item without any value") {
  PlannedRule rule = Creating("sale.order");
  rule.Assign("order_line", Payload("lines")).Assign("order_line/name", ItemPath("title"));
  CHECK(rule.Values(R"({"lines": [{"title": "T"}, {"x": 1}]})") ==
        "! rule \"Import\", assignment 2, item 2 (order_line/name): no row gives a value for the "
        "item");
}

TEST_CASE("rows that do not make a list") {
  PlannedRule no_list = Creating("sale.order");
  no_list.Assign("order_line/name", ItemPath("title"));
  CHECK(no_list.Values("{}") ==
        "! rule \"Import\", assignment 1 (order_line/name): no row gives the list: add one with "
        "the target order_line");
  PlannedRule no_rows = Creating("sale.order");
  no_rows.Assign("order_line", Payload("lines"));
  CHECK(no_rows.Values(R"({"lines": [{"title": "T"}]})") ==
        "! rule \"Import\", assignment 1 (order_line): found [{\"title\":\"T\"}], expected ids of "
        "records; to make new ones, add rows such as order_line/name that say what of each item to "
        "write");
  CHECK(no_rows.Values(R"({"lines": [5]})") ==
        R"({"order_line":{"mode":"replace","items":[{"id":5}]}})");
  PlannedRule deep = Creating("sale.order");
  deep.Assign("order_line", Payload("lines"))
      .Assign("order_line/child_ids/name", ItemPath("title"));
  CHECK(deep.Values(R"({"lines": [{}]})") ==
        "! rule \"Import\", assignment 2, item 1 (order_line/child_ids/name): a list inside the "
        "items of a list cannot be written");
  PlannedRule form = Creating("sale.order");
  form.Assign("order_line", Payload("lines")).Assign("order_line/name", ItemPath("title"));
  CHECK(form.Values(R"({"lines": {"mode": "replace", "items": []}})")
            .ends_with("expected a list of items"));
}

TEST_CASE("items that are records which exist") {
  PlannedRule rule = Creating("sale.order");
  rule.Add("order_line", Payload("lines")).Assign("order_line/.id", ItemPath("id"));
  CHECK(rule.Values(R"({"lines": [{"id": 5}, {"id": "6"}]})") ==
        R"({"order_line":{"mode":"add","items":[{"id":5},{"id":6}]}})");
  CHECK(rule.Values(R"({"lines": [{}]})") ==
        "! rule \"Import\", assignment 2, item 1 (order_line/.id): found missing, expected a "
        "record's id");
  rule.Assign("order_line/name", ItemPath("title"));
  CHECK(
      rule.Values(R"({"lines": [{"id": 5}]})") ==
      "! rule \"Import\", assignment 3 (order_line/name): an item is a record that exists, by its "
      "id, or a new one with values: not both");
}

TEST_CASE("at most 1000 items") {
  std::string list = "[1";
  for (int i = 1; i < 1001; ++i) list += ",1";
  CHECK(Order()
            .Values(R"({"lines": )" + list + "]}")
            .ends_with("expected a list of at most 1000 items"));
}
