// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/payload_assignment.h"

#include <doctest/doctest.h>

#include "tests/unit/rules_plan/json_values.h"

using namespace webhook;
using namespace webhook::rules;

namespace {

// The root with 9 at the path, or "! why not".
std::string Assigned(const std::string& root, const std::string& path) {
  model::Value value = Json(root);
  const auto parsed = ParsePath(path);
  REQUIRE_MESSAGE(parsed.ok(), path);
  const auto problem = AssignAt(parsed.value(), model::Value::Integer(9), value);
  return problem ? "! " + *problem : model::DumpJson(value);
}

}  // namespace

TEST_CASE("objects are made where nothing is, or null") {
  CHECK(Assigned("{}", "a.b.c") == R"({"a":{"b":{"c":9}}})");
  CHECK(Assigned(R"({"a": null, "z": 1.10})", "a.b") == R"({"a":{"b":9},"z":1.10})");
  CHECK(Assigned("missing", "a") == R"({"a":9})");
  CHECK(Assigned(R"({"a": {"b": 1}})", "a.b") == R"({"a":{"b":9}})");
  CHECK(Assigned(R"({"a": {"b": 1}})", "a") == R"({"a":9})");
  CHECK(Assigned("[1]", "$") == "9");
  CHECK(Assigned("{}", "\"a.b\"") == R"({"a.b":9})");
  CHECK(Assigned("{}", "a[0]") == R"({"a":{"0":9}})");  // nothing says that it is a list
}

TEST_CASE("indexes replace items, and the next one appends") {
  CHECK(Assigned(R"({"a": [1, 2]})", "a[0]") == R"({"a":[9,2]})");
  CHECK(Assigned(R"({"a": [1, 2]})", "a[-1]") == R"({"a":[1,9]})");
  CHECK(Assigned(R"({"a": [1, 2]})", "a.2") == R"({"a":[1,2,9]})");
  CHECK(Assigned(R"({"a": []})", "a[0].b") == R"({"a":[{"b":9}]})");
  CHECK(Assigned(R"({"a": [1, 2]})", "a[3]") == "! the index 3 is beyond the end of the list");
  CHECK(Assigned(R"({"a": [1, 2]})", "a[-3]") == "! the index -3 is beyond the end of the list");
  CHECK(Assigned(R"({"a": [1, 2]})", "a.b") == "! \"b\" is no index of the list");
}

TEST_CASE("what is in the way is not overwritten") {
  for (const char* scalar : {"5", "\"x\"", "false", "\"\""}) {
    CAPTURE(scalar);
    CHECK(Assigned(std::string(R"({"a": )") + scalar + "}", "a.b") ==
          "! \"b\" collides with a value that is no object or list");
  }
  CHECK(Assigned(R"({"a": [1]})", "a[*]") == "! [*] names no single place");
}
