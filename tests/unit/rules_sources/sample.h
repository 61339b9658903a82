// SPDX-License-Identifier: LGPL-3.0-or-later
// Values and facts written as JSON.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "lib/model/value.h"
#include "lib/rules/facts.h"

namespace webhook::rules {

inline model::Value Json(std::string_view text) {
  CAPTURE(text);
  auto parsed = model::ParseJson(text);
  REQUIRE(parsed.ok());
  return std::move(parsed).value();
}

// "missing" is no JSON: it tells missing from null.
inline std::string Written(const model::Value& value) {
  return value.is_missing() ? "missing" : model::DumpJson(value);
}

inline bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// One of everything that rules read.
struct Sample {
  model::Value payload = Json(R"({
    "order": {"id": 1000000000000000001, "total": 12.50, "note": null, "paid": false, "zero": 0,
              "empty": "", "date": "2026-11-24T10:00:00+02:00", "lines": [{"sku": "A", "qty": 1},
              {"sku": "B", "qty": 2.5}]},
    "tags": ["new", "vip"], "none": [], "a.b": {"c[0]": "dotted"}, "name": " Ärger ß ",
    "unix": 1764000000, "0": "zero key", "it": "say \"hi\""})");
  model::Value headers = Json(R"({"x-shop-id": "S1", "x-time": "1764000000"})");
  model::Value query = Json(R"({"a.b": "whole", "k": "v", "f[": "odd", "a": {"b": "path"}})");
  model::Value resolved_values = Json(R"({"order.id": "key", "order": {"id": 5, "name": "path"}})");
  model::Value semantics = Json(R"({"topic": "orders/create"})");
  model::Value fields = Json(R"({"event_field:topic": "t", "record_field:partner_id.email": "a@b.c",
    "record_field:note": null, "partner_field:vat!": "res.partner.vat: no access for Bot"})");
  model::Value context = Json(R"({"ids": [1, 2], "who": {"name": "Ann"}})");
  model::Value request = Json(R"({"http_method": "POST", "target_url": "https://r.example/x",
    "headers": {"X-Token.Id": "T", "Content-Type": "application/json"}, "payload": {"a": [1, 2]}})");
  model::Value response_status = model::Value::Integer(201);
  model::Value response_headers = Json(R"({"location": "/orders/7"})");
  model::Value response_body = Json(R"({"id": 7, "data": {"ok": true}})");
  model::Value item = Json(R"({"sku": "A", "qty": 1.10})");

  Facts facts() const {
    return {&payload, &headers, &query,           &resolved_values,  &semantics,     &fields,
            &context, &request, &response_status, &response_headers, &response_body, &item};
  }
};

}  // namespace webhook::rules
