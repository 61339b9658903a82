// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/path.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {
namespace {

struct FindCase {
  std::string value;
  std::string path;
  std::string found;
};

std::string Repeated(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

}  // namespace

TEST_CASE("what a path finds") {
  const FindCase cases[] = {
      {R"({"a":{"b":1.10}})", "a.b", "1.10"},
      {R"({"a":{"b":1.10}})", "a", R"({"b":1.10})"},
      {R"({"a":{"b":1.10}})", " a.b ", "1.10"},
      {R"({"a":{"b":1.10}})", "A.b", "missing"},
      {R"({"a":{"b":1.10}})", "a.c", "missing"},
      {R"({"a":{"b":1.10}})", "a.b.c", "missing"},
      {R"({"a":null})", "a", "null"},
      {R"({"a":null})", "a.b", "missing"},
      {R"({"a":false})", "a", "false"},
      {R"({"a":0})", "a", "0"},
      {R"({"a":""})", "a", "\"\""},
      {R"("scalar")", "a", "missing"},
      // Indexes.
      {R"({"l":[10,20,30]})", "l.0", "10"},
      {R"({"l":[10,20,30]})", "l[0]", "10"},
      {R"({"l":[10,20,30]})", "l.-1", "30"},
      {R"({"l":[10,20,30]})", "l[-3]", "10"},
      {R"({"l":[10,20,30]})", "l[-4]", "missing"},
      {R"({"l":[10,20,30]})", "l.3", "missing"},
      {R"({"l":[10,20,30]})", "l.999999999", "missing"},
      {R"({"l":[10,20,30]})", "l.99999999999999999999", "missing"},
      {R"({"l":[10,20,30]})", "l.00", "missing"},
      {R"({"l":[10,20,30]})", "l.-0", "missing"},
      {R"({"l":[10,20,30]})", "l.\"0\"", "missing"},
      {R"({"l":[10,20,30]})", "l.x", "missing"},
      {R"({"l":[10,20,30]})", "l.²", "missing"},  // a digit of Unicode is no digit
      {R"({"l":[[1,2],[3]]})", "l[0][1]", "2"},
      {R"([{"id":7}])", "0.id", "7"},
      {R"([{"id":7}])", "[0].id", "7"},
      {R"([{"id":7}])", "$[0].id", "7"},
      {R"({"0":"key","-1":"minus","²":"two"})", "0", "\"key\""},
      {R"({"0":"key","-1":"minus","²":"two"})", "[0]", "\"key\""},
      {R"({"0":"key","-1":"minus","²":"two"})", "-1", "\"minus\""},
      {R"({"0":"key","-1":"minus","²":"two"})", "²", "\"two\""},
      // Quoted names.
      {R"({"a.b":{"c":1}})", R"("a.b".c)", "1"},
      {R"({"m":{"x.y":1}})", R"(m["x.y"])", "1"},
      {R"({"m":{"x.y":{"z":2}}})", R"(m["x.y"].z)", "2"},
      {R"({"m":{"say \"hi\" \\":3}})", R"(m."say \"hi\" \\")", "3"},
      {R"({"":{"a":4}})", R"("".a)", "4"},
      {R"({"with space":{"ключ":5}})", "with space.ключ", "5"},
      // The value itself.
      {R"({"a":1})", "$", R"({"a":1})"},
      {R"({"a":1})", "$.a", "1"},
      {R"({"$ref":1})", "$ref", "1"},
      {R"({"$":1})", "\"$\"", "1"},
      {R"({"a":{"$":1}})", "a.$", "1"},
      // Collecting.
      {R"({"l":[{"s":1},{"s":null},{"t":2},{"s":3}]})", "l[*].s", "[1,null,3]"},
      {R"({"l":[{"s":1}]})", "l[*]", R"([{"s":1}])"},
      {R"({"l":[]})", "l[*].s", "[]"},
      {R"({"l":[1,2]})", "l[*].s", "[]"},
      {R"({"l":{"s":1}})", "l[*].s", "missing"},
      {R"({"l":null})", "l[*]", "missing"},
      {R"({})", "l[*]", "missing"},
      {R"([[1,2],[3],4,[]])", "[*]", "[[1,2],[3],4,[]]"},
      {R"([[1,2],[3],4,[]])", "[*][*]", "[1,2,3]"},
      {R"([[1,2],[3],4,[]])", "$[*][-1]", "[2,3]"},
      {R"({"a":[{"b":[{"c":1},{"c":2}]},{"b":[]},{},{"b":[{"c":3}]}]})", "a[*].b[*].c", "[1,2,3]"},
      {R"({"a":[{"b":[[1],[2]]}]})", "a[*].b[*]", "[[1],[2]]"},
  };
  for (const FindCase& one : cases) {
    CAPTURE(one.value);
    CAPTURE(one.path);
    const auto path = ParsePath(one.path);
    REQUIRE_MESSAGE(path.ok(), path.error());
    const model::Value value = Json(one.value);
    CHECK(Written(Find(path.value(), value)) == one.found);
    if (path.value().collects()) continue;
    const model::Value* located = Locate(path.value(), value);
    CHECK(Written(located == nullptr ? model::Value() : *located) == one.found);
  }
}

TEST_CASE("what is no path says where and why") {
  const struct {
    std::string path;
    std::string error;
  } cases[] = {
      {"", "path, character 1: a name is empty"},
      {"  ", "path, character 1: a name is empty"},
      {".a", "path, character 1: a name is empty"},
      {"a..b", "path, character 3: a name is empty"},
      {"a.", "path, character 3: a name is empty"},
      {"a.[0]", "path, character 3: a name is empty"},
      {"$.", "path, character 3: a name is empty"},
      {"a. b", "path, character 3: quote a name with spaces around it"},
      {"a .b", "path, character 1: quote a name with spaces around it"},
      {"a.*.b", "path, character 3: items of a list are written [*]"},
      {"a[", "path, character 3: brackets hold a whole number, * or a \"quoted name\""},
      {"a[]", "path, character 3: brackets hold a whole number, * or a \"quoted name\""},
      {"a[x]", "path, character 3: brackets hold a whole number, * or a \"quoted name\""},
      {"a[²]", "path, character 3: brackets hold a whole number, * or a \"quoted name\""},
      {"a[007]", "path, character 3: brackets hold a whole number, * or a \"quoted name\""},
      {"a[0", "path, character 4: expected ]"},
      {"a[\"x\"", "path, character 6: expected ]"},
      {"a[0]b", "path, character 5: expected . or ["},
      {"a]", "path, character 2: quote the whole name to have this in it"},
      {"a\"b\"", "path, character 2: quote the whole name to have this in it"},
      {"\"a", "path, character 3: the quote is not closed"},
      {"\"a\\n\"", "path, character 4: only \\\" and \\\\ are escapes"},
      {"\"a\\", "path, character 4: only \\\" and \\\\ are escapes"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.path);
    const auto path = ParsePath(one.path);
    REQUIRE(!path.ok());
    CHECK(path.error() == one.error);
  }
}

TEST_CASE("a path is bounded") {
  CHECK(ParsePath(std::string(kPathCharactersMax, 'a')).ok());
  CHECK(!ParsePath(std::string(kPathCharactersMax + 1, 'a')).ok());
  CHECK(ParsePath("a" + Repeated(".a", kPathSegmentsMax - 1)).ok());
  CHECK(!ParsePath("a" + Repeated(".a", kPathSegmentsMax)).ok());
  const model::Value many = Json("[0" + Repeated(",0", kCollectedMax + 10) + "]");
  CHECK(Find(ParsePath("[*]").value(), many).list()->size() == kCollectedMax + 1);
}

}  // namespace webhook::rules
