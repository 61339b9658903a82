// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/filters.h"

#include "lib/rules/template.h"
#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {
namespace {

// `arguments` is a JSON list.
Filter MakeOrFail(std::string_view name, std::string_view arguments) {
  auto filter = MakeFilter(name, *Json(arguments).list());
  REQUIRE_MESSAGE(filter.ok(), filter.error());
  return std::move(filter).value();
}

struct Case {
  std::string name;
  std::string arguments;
  std::string value;
  std::string result;  // or the error, without the filter's name
};

}  // namespace

TEST_CASE("what a filter makes of a value") {
  const Case cases[] = {
      {"default", R"(["x"])", "null", R"("x")"},
      {"default", "[0]", "null", "0"},
      {"default", R"(["x"])", R"("")", R"("")"},
      {"default", R"(["x"])", "0", "0"},
      {"default", R"(["x"])", "false", "false"},
      {"default", R"(["x"])", "[]", "[]"},
      {"upper", "[]", R"("äß1")", R"("Äß1")"},
      {"upper", "[]", "1e5", R"("1E5")"},
      {"lower", "[]", R"("ÄΣ")", R"("äσ")"},
      {"lower", "[]", "true", R"("true")"},
      {"strip", "[]", R"(" \t a b \r\n")", R"("a b")"},
      {"strip", "[]", R"("   ")", R"("")"},
      {"replace", R"(["a", "bb"])", R"("aXaa")", R"("bbXbbbb")"},
      {"replace", R"(["aa", "a"])", R"("aaa")", R"("aa")"},
      {"replace", R"(["x", "y"])", R"("abc")", R"("abc")"},
      {"replace", R"(["-", ""])", "-1.5", R"("1.5")"},
      {"replace", "[1, 2]", "1.5", R"("2.5")"},
      {"date", R"(["%d.%m.%Y"])", R"("2026-11-24")", R"("24.11.2026")"},
      {"date", R"(["%H:%M"])", R"("2026-11-24T23:30:00-01:00")", R"("00:30")"},
      {"date", R"(["%Y"])", "0", R"("1970")"},
      {"number", "[2]", "1.005", "1.01"},
      {"number", "[2]", "-1.005", "-1.01"},
      {"number", "[2]", "-0.001", "0.00"},
      {"number", "[2]", R"(" 12.5 ")", "12.50"},
      {"number", "[0]", "0.5", "1"},
      {"number", "[0]", "2.5", "3"},
      {"number", "[0]", "99999999999999999999.5", "100000000000000000000"},
      {"number", "[20]", "0.1", "0.10000000000000000000"},
      {"number", "[2]", "1e3", "1000.00"},
      {"json", "[]", R"({"a": [1.10, "ü\n"]})", R"("{\"a\":[1.10,\"ü\\n\"]}")"},
      {"json", "[]", R"("a")", R"("\"a\"")"},
      {"json", "[]", "null", R"("null")"},
      {"length", "[]", R"("aüß😀")", "4"},
      {"length", "[]", R"("")", "0"},
      {"length", "[]", "[1,2]", "2"},
      {"length", "[]", R"({"a":1})", "1"},
      {"first", "[]", "[1.0,2]", "1.0"},
      {"last", "[]", "[1,[2]]", "[2]"},
      {"first", "[]", "[]", "missing"},
      {"last", "[]", "[null]", "null"},
      {"join", R"([", "])", R"([1.0, "a", null, true, {"b": 1}])",
       R"("1.0, a, , true, {\"b\":1}")"},
      {"join", R"(["\n"])", "[]", R"("")"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CAPTURE(one.value);
    const auto applied = Apply(MakeOrFail(one.name, one.arguments), Json(one.value));
    REQUIRE_MESSAGE(applied.ok(), applied.error());
    CHECK(Written(applied.value()) == one.result);
  }
}

TEST_CASE("missing and null pass through all but default and json") {
  const struct {
    std::string name;
    std::string arguments;
  } passing[] = {
      {"upper", "[]"},       {"lower", "[]"},     {"strip", "[]"},  {"replace", R"(["a","b"])"},
      {"date", R"(["%Y"])"}, {"number", "[2]"},   {"length", "[]"}, {"first", "[]"},
      {"last", "[]"},        {"join", R"([","])"}};
  for (const auto& one : passing) {
    CAPTURE(one.name);
    const Filter filter = MakeOrFail(one.name, one.arguments);
    CHECK(Written(Apply(filter, {}).value()) == "missing");
    CHECK(Written(Apply(filter, Json("null")).value()) == "null");
  }
  CHECK(Written(Apply(MakeOrFail("default", "[\"x\"]"), {}).value()) == "\"x\"");
  CHECK(Written(Apply(MakeOrFail("json", "[]"), {}).value()) == "\"null\"");
}

TEST_CASE("what does not fit names the filter and the value") {
  const Case cases[] = {
      {"upper", "[]", "[1]", "upper: [1] is not a text"},
      {"lower", "[]", "{}", "lower: {} is not a text"},
      {"strip", "[]", "[]", "strip: [] is not a text"},
      {"replace", R"(["a","b"])", "{}", "replace: {} is not a text"},
      {"date", R"(["%Y"])", R"("abc")",
       "date: \"abc\" is not an ISO date or time, nor Unix seconds"},
      {"date", R"(["%Y"])", R"("")", "date: \"\" is not an ISO date or time, nor Unix seconds"},
      {"date", R"(["%Y"])", "true", "date: true is not an ISO date or time, nor Unix seconds"},
      {"number", "[2]", R"("abc")", "number: \"abc\" is not a number"},
      {"number", "[2]", R"("1,50")", "number: \"1,50\" is not a number"},
      {"number", "[2]", "true", "number: true is not a number"},
      {"number", "[2]", "[1]", "number: [1] is not a number"},
      {"number", "[2]", "1e100000", "number: 1e100000 is not a number that can be written out"},
      {"length", "[]", "12", "length: 12 is not a text, list or object"},
      {"first", "[]", R"("abc")", "first: \"abc\" is not a list"},
      {"last", "[]", "{}", "last: {} is not a list"},
      {"join", R"([","])", R"("abc")", "join: \"abc\" is not a list"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    const auto applied = Apply(MakeOrFail(one.name, one.arguments), Json(one.value));
    REQUIRE(!applied.ok());
    CHECK(applied.error() == one.result);
  }
}

TEST_CASE("a filter that is none") {
  const Case cases[] = {
      {"uper", "[]", "",
       "unknown filter \"uper\"; did you mean \"upper\"? (known are: default, upper, lower, strip, "
       "replace, date, number, json, length, first, last, join)"},
      {"eval", "[]", "",
       "unknown filter \"eval\" (known are: default, upper, lower, strip, replace, date, number, "
       "json, length, first, last, join)"},
      {"default", "[]", "", "filter default: write default(\"none\")"},
      {"upper", "[1]", "", "filter upper: write upper"},
      {"replace", R"(["a"])", "", "filter replace: write replace(\"-\", \"\")"},
      {"replace", R"(["", "a"])", "", "filter replace: what to replace is empty"},
      {"date", R"(["%x"])", "",
       "filter date: a date is made of %Y %m %d %H %M %S; %% is a percent sign"},
      {"number", "[21]", "", "filter number: expected 0 to 20 decimals"},
      {"number", "[-1]", "", "filter number: expected 0 to 20 decimals"},
      {"number", "[1.5]", "", "filter number: expected 0 to 20 decimals"},
      {"number", R"(["x"])", "", "filter number: expected 0 to 20 decimals"},
      {"join", "[]", "", "filter join: write join(\", \")"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    const auto filter = MakeFilter(one.name, *Json(one.arguments).list());
    REQUIRE(!filter.ok());
    CHECK(filter.error() == one.result);
  }
}

TEST_CASE("results are bounded") {
  using model::Value;
  const Value half = Value::Text(std::string(kRenderedBytesMax / 2, 'a'));
  const Filter twice = MakeOrFail("replace", R"(["a", "aa"])");
  CHECK(Apply(twice, half).ok());
  CHECK(Apply(twice, Value::Text(std::string(kRenderedBytesMax / 2 + 1, 'a'))).error() ==
        "replace: the text is longer than 1048576 bytes");
  const Value list = Value::ListOf({half, half, half});
  CHECK(!Apply(MakeOrFail("join", R"([","])"), list).ok());
  CHECK(!Apply(MakeOrFail("json", "[]"), list).ok());
}

}  // namespace webhook::rules
