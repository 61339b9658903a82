// SPDX-License-Identifier: LGPL-3.0-or-later
// Every type of field with every kind of value. An expectation is written as "! what it wants".
#include "lib/rules/coerce.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/rules_plan/json_values.h"

using namespace webhook;
using namespace webhook::rules;
using model::FieldMeta;
using model::FieldType;

namespace {

struct Case {
  std::string value;
  std::string coerced;
};

std::string CoercedText(const FieldMeta& field, const std::string& value) {
  const Coerced coerced = Coerce(field, Json(value));
  return coerced.ok() ? model::DumpJson(coerced.value()) : "! " + coerced.error().expectation;
}

void CheckAll(const FieldMeta& field, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    CAPTURE(one.value);
    CHECK(CoercedText(field, one.value) == one.coerced);
  }
}

FieldMeta Field(FieldType type) {
  FieldMeta field;
  field.type = type;
  return field;
}

}  // namespace

TEST_CASE("boolean: defect 25, \"False\" is not true") {
  const std::string no = "! true or false, yes or no, 1 or 0";
  CheckAll(Field(FieldType::kBoolean), {
                                           {"true", "true"},
                                           {"false", "false"},
                                           {"null", "false"},
                                           {R"("False")", "false"},
                                           {R"("TRUE")", "true"},
                                           {R"("Yes")", "true"},
                                           {R"("no")", "false"},
                                           {R"("1")", "true"},
                                           {R"("0")", "false"},
                                           {"1", "true"},
                                           {"0", "false"},
                                           {"1.0", "true"},
                                           {"-0", "false"},
                                           {"0e9", "false"},
                                           {"2", no},
                                           {"-1", no},
                                           {"0.5", no},
                                           {R"("on")", no},
                                           {R"("")", no},
                                           {R"(" true ")", no},
                                           {"[true]", no},
                                           {"{}", no},
                                           {"missing", "! a value"},
                                       });
}

TEST_CASE("integer: whole, of 32 bits, by its text") {
  const std::string no = "! a whole number from -2147483648 to 2147483647";
  CheckAll(Field(FieldType::kInteger), {
                                           {"12", "12"},
                                           {"-12", "-12"},
                                           {"12.0", "12"},
                                           {"1.2e1", "12"},
                                           {"12.5", no},
                                           {R"("12")", "12"},
                                           {R"(" 12\n")", "12"},
                                           {R"("+12")", "12"},
                                           {R"("0012")", "12"},
                                           {R"("12.50")", no},
                                           {R"("1,200")", no},
                                           {R"("0x10")", no},
                                           {R"("twelve")", no},
                                           {R"("")", no},
                                           {"2147483647", "2147483647"},
                                           {"2147483648", no},
                                           {"-2147483648", "-2147483648"},
                                           {"-2147483649", no},
                                           {"1e400", no},
                                           {"-0", "0"},
                                           {"null", "false"},
                                           {"false", "false"},
                                           {"true", no},
                                           {"[1]", no},
                                           {"{}", no},
                                           {"missing", "! a value"},
                                       });
}

TEST_CASE("float and monetary: exact decimal texts") {
  const std::string no = "! a number such as 12.50, with a point";
  const std::string beyond = "! a number that a double can hold, with at most 400 places";
  for (const FieldType type : {FieldType::kFloat, FieldType::kMonetary}) {
    CheckAll(Field(type), {
                              {"12.50", R"("12.50")"},
                              {"0.1", R"("0.1")"},
                              {"0.30000000000000004", R"("0.30000000000000004")"},
                              {"12345678901234567890.12", R"("12345678901234567890.12")"},
                              {"1e3", R"("1000")"},
                              {"1.5e-3", R"("0.0015")"},
                              {"5e-324", "\"0." + std::string(323, '0') + "5\""},
                              {R"("12.50")", R"("12.50")"},
                              {R"(" 12.50 ")", R"("12.50")"},
                              {R"("+007.5")", R"("7.5")"},
                              {R"("-0.00")", R"("0.00")"},
                              {R"("12,50")", no},
                              {R"("1,200.00")", no},
                              {R"("12.50 EUR")", no},
                              {R"("NaN")", no},
                              {R"("Infinity")", no},
                              {R"("")", no},
                              {"1e400", beyond},
                              {"1e-400", beyond},
                              {"0e999999", R"("0")"},
                              {"1e999999999999999999999", no},
                              {"null", "false"},
                              {"false", "false"},
                              {"true", no},
                              {"[]", no},
                              {"{}", no},
                          });
  }
}

TEST_CASE("char: a text or a number, within its size") {
  FieldMeta field = Field(FieldType::kChar);
  field.size = 4;
  CheckAll(field, {
                      {R"("abcd")", R"("abcd")"},
                      {R"("äöüß")", R"("äöüß")"},
                      {R"("abcde")", "! a text of at most 4 characters"},
                      {R"("")", R"("")"},
                      {"1.10", R"("1.10")"},
                      {"1e5", R"("1e5")"},
                      {"null", "false"},
                      {"false", "false"},
                      {"true", "! a text"},
                      {"[]", "! a text"},
                      {"{}", "! a text"},
                  });
  CheckAll(Field(FieldType::kChar),
           {{R"("a\u0000b")", R"("a\\u0000b")"}, {R"(" a ")", R"(" a ")"}});
}

TEST_CASE("text takes structures as JSON, html does not") {
  CheckAll(Field(FieldType::kText), {{R"({"a": [1.10, null]})", R"("{\"a\":[1.10,null]}")"},
                                     {"[]", R"("[]")"},
                                     {R"("a\nb")", R"("a\nb")"},
                                     {"true", "! a text"}});
  CheckAll(Field(FieldType::kHtml),
           {{R"("<p>x</p>")", R"("<p>x</p>")"}, {"5", R"("5")"}, {"{}", "! a text"}});
}

TEST_CASE("selection: key, else label, else either in any case") {
  FieldMeta field = Field(FieldType::kSelection);
  field.selection = {{"draft", "Quotation"}, {"sale", "Sales Order"}, {"1", "High"},
                     {"a", "Same"},          {"b", "Same"},           {"sent", "draft"}};
  const std::string no = "! one of draft, sale, 1, a, b, sent, or its label";
  CheckAll(field, {
                      {R"("sale")", R"("sale")"},
                      {R"("Sales Order")", R"("sale")"},
                      {R"("sales order")", R"("sale")"},
                      {R"("SALE")", R"("sale")"},
                      {R"(" sale ")", R"("sale")"},
                      {R"("draft")", R"("draft")"},  // a key before a label
                      {"1", R"("1")"},
                      {R"("Same")", "! a key, as the label is that of a, b"},
                      {R"("DRAFT")", "! a key, as the label is that of draft, sent"},
                      {R"("other")", no},
                      {R"("")", "false"},
                      {"null", "false"},
                      {"true", no},
                      {"[]", no},
                  });
  field.selection.clear();
  for (char c = 'a'; c <= 'l'; ++c) field.selection.emplace_back(std::string(1, c), "");
  CheckAll(field, {{R"("z")", "! one of a, b, c, d, e, f, g, h, i, j and 2 more, or its label"}});
  CheckAll(Field(FieldType::kSelection), {{R"("computed")", R"("computed")"}});
}

TEST_CASE("date: the calendar date as written") {
  const std::string no = "! a date such as 2026-11-24";
  CheckAll(Field(FieldType::kDate), {
                                        {R"("2026-11-24")", R"("2026-11-24")"},
                                        {R"("2026-11-24T23:30:00-05:00")", R"("2026-11-24")"},
                                        {R"("2026-11-24 10:00")", R"("2026-11-24")"},
                                        {R"("2024-02-29")", R"("2024-02-29")"},
                                        {R"("2026-02-29")", no},
                                        {R"("24.11.2026")", no},
                                        {R"("20261124")", no},
                                        {"20261124", no},
                                        {R"("")", "false"},
                                        {"null", "false"},
                                        {"true", no},
                                        {"{}", no},
                                    });
}

TEST_CASE("datetime: to UTC") {
  const std::string no = "! a date and time such as 2026-11-24T10:00:00Z, or whole Unix seconds";
  CheckAll(Field(FieldType::kDatetime),
           {
               {R"("2026-11-24T10:00:00Z")", R"("2026-11-24 10:00:00")"},
               {R"("2026-11-24T10:00:00+02:00")", R"("2026-11-24 08:00:00")"},
               {R"("2026-12-31T23:30:00-0130")", R"("2027-01-01 01:00:00")"},
               {R"("2026-11-24 10:00:00")", R"("2026-11-24 10:00:00")"},
               {R"("2026-11-24T10:00:00.999Z")", R"("2026-11-24 10:00:00")"},
               {R"("2026-11-24")", R"("2026-11-24 00:00:00")"},
               {R"("2026-11-24T25:00:00Z")", no},
               {R"("9999-12-31T23:59:59-01:00")", no},
               {"1732442400", R"("2024-11-24 10:00:00")"},
               {"1732442400.5", no},
               {"1732442400000", no},  // milliseconds
               {"20261124", no},       // a compact date
               {"-5", no},
               {R"("1732442400")", no},
               {R"("")", "false"},
               {"null", "false"},
               {"true", no},
               {"[]", no},
           });
}

TEST_CASE("many2one: a record of the contract") {
  FieldMeta field = Field(FieldType::kMany2one);
  field.relation = "res.country";
  const std::string no =
      "! a record of res.country: its id, or its external id such as base.us (to look it up by a "
      "field, write that behind a slash in the target)";
  CheckAll(field,
           {
               {"5", R"({"id":5})"},
               {"5.0", R"({"id":5})"},
               {R"("5")", R"({"id":5})"},
               {R"("base.us")", R"({"external_id":"base.us"})"},
               {R"("__export__.res_country_5-a.b")",
                R"({"external_id":"__export__.res_country_5-a.b"})"},
               {R"({"id": 5})", R"({"id":5})"},
               {R"({"external_id": "base.us"})", R"({"external_id":"base.us"})"},
               {R"({"lookup": [{"field": "code", "value": "US"}], "model": "res.country"})",
                R"({"lookup":[{"field":"code","value":"US"}],"model":"res.country"})"},
               {R"({"lookup": [{"field": "login", "value": "x"}], "model": "res.users"})", no},
               {R"({"lookup": [], "model": "res.country"})", no},
               {R"({"lookup": [{"field": "code", "value": null}], "model": "res.country"})", no},
               {"null", "false"},
               {"false", "false"},
               {R"("")", "false"},
               {"0", no},
               {"-1", no},
               {"2147483648", no},
               {"1.5", no},
               {R"("Germany")", no},
               {R"("1.5")", no},
               {"true", no},
               {"[5]", no},
               {R"({"id": 5, "name": "x"})", no},
               {R"({"id": 0})", "! the id of a record, a whole number from 1 on"},
           });
}

TEST_CASE("binary: canonical base64") {
  const std::string no = "! base64 without line breaks, with its padding";
  CheckAll(Field(FieldType::kBinary), {
                                          {R"("aGVsbG8=")", R"("aGVsbG8=")"},
                                          {R"("data:image/png;base64,aGVsbG8=")", R"("aGVsbG8=")"},
                                          {R"("aGVsbG8")", no},
                                          {R"("aGVsbG9=")", no},
                                          {R"("aGVs\nbG8=")", no},
                                          {R"("hello")", no},
                                          {R"("data:text/plain,hello")", no},
                                          {R"("data:image/png;base64,")", no},
                                          {R"("")", "false"},
                                          {"null", "false"},
                                          {"5", no},
                                          {"true", no},
                                          {"[]", no},
                                      });
}

TEST_CASE("properties: scalars and lists of them") {
  const std::string no = "! an object of texts, numbers, booleans and lists of them";
  CheckAll(Field(FieldType::kProperties),
           {
               {R"({"a": 1, "b": ["x", "y"], "c": null})", R"({"a":1,"b":["x","y"],"c":false})"},
               {"{}", "{}"},
               {R"({"a": {}})", no},
               {R"({"a": [[]]})", no},
               {"[]", no},
               {R"("")", no},
               {"null", "false"},
           });
}

TEST_CASE("reference: model and id") {
  FieldMeta field = Field(FieldType::kReference);
  const std::string no = "! a model and an id, such as res.partner,5";
  CheckAll(field, {
                      {R"("res.partner,5")", R"("res.partner,5")"},
                      {R"("res.partner,05")", R"("res.partner,5")"},
                      {R"("res.partner,0")", no},
                      {R"("res partner,5")", no},
                      {R"("res.partner")", no},
                      {R"(",5")", no},
                      {R"("")", "false"},
                      {"5", no},
                      {"true", no},
                  });
  field.selection = {{"res.partner", "Contact"}, {"res.users", "User"}};
  CheckAll(field, {{R"("res.users,5")", R"("res.users,5")"},
                   {R"("sale.order,5")", "! a record of one of res.partner, res.users"}});
}

TEST_CASE("other types: scalars, for Odoo to judge") {
  CheckAll(Field(FieldType::kOther), {{"5", "5"},
                                      {R"("x")", R"("x")"},
                                      {"true", "true"},
                                      {"null", "false"},
                                      {"{}", "! a text, a number or a boolean"}});
}
