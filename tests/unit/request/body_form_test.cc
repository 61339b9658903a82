// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/body_form.h"

#include <doctest/doctest.h>

using namespace webhook::delivery;

namespace {

FormFields Fields(const std::string& json) {
  auto fields = FormFieldsOf(json);
  REQUIRE_MESSAGE(fields.ok(), (fields.ok() ? "" : fields.error()));
  return std::move(fields).value();
}

std::string Form(const std::string& json) { return FormUrlencoded(Fields(json)); }

}  // namespace

TEST_CASE("nested values have brackets in their names, lists their index") {
  CHECK(Fields(R"({"a": {"b": {"c": 1}}, "d": [2, [3], {"e": 4}]})") ==
        FormFields{{"a[b][c]", "1"}, {"d[0]", "2"}, {"d[1][0]", "3"}, {"d[2][e]", "4"}});
}

TEST_CASE("scalars become texts, what is empty an empty one") {
  CHECK(
      Fields(R"({"t": true, "f": false, "n": null, "s": "", "o": {}, "l": [], "x": {"y": []}})") ==
      FormFields{
          {"t", "true"}, {"f", "false"}, {"n", ""}, {"s", ""}, {"o", ""}, {"l", ""}, {"x[y]", ""}});
}

TEST_CASE("numbers are as they were written") {
  CHECK(Fields(R"({"a": 1.10, "b": 12345678901234567890123, "c": -0, "d": 1e400})") ==
        FormFields{{"a", "1.10"}, {"b", "12345678901234567890123"}, {"c", "-0"}, {"d", "1e400"}});
}

TEST_CASE("fields are in the order of the payload; an empty one has none") {
  CHECK(Form(R"({"b": 1, "a": 2})") == "b=1&a=2");
  CHECK(Form("{}").empty());
  CHECK(Form("").empty());
}

TEST_CASE("bytes are encoded as browsers do") {
  CHECK(Form(R"({"a b": "c d", "x": "&=+%/?#~*-._"})") == "a+b=c+d&x=%26%3D%2B%25%2F%3F%23%7E*-._");
  CHECK(Form("{\"\xC3\xA9\": \"\xE2\x82\xAC\\r\\n\\u0000\"}") == "%C3%A9=%E2%82%AC%0D%0A%00");
  CHECK(Form(R"({"a": {"b": 1}, "": 2})") == "a%5Bb%5D=1&=2");
}

TEST_CASE("what is no object is an error") {
  for (const char* json : {"[]", "1", "\"a=b\"", "null", "true", "{", "a=b", "{\"a\": NaN}"}) {
    CAPTURE(json);
    CHECK_FALSE(FormFieldsOf(json).ok());
  }
}

TEST_CASE("a form that grows beyond the limit is an error, soon") {
  // Each of many leaves repeats a long name.
  std::string json = R"({")" + std::string(100'000, 'k') + R"(": [)";
  for (int i = 0; i < 10'000; ++i) json += "1,";
  json += "1]}";
  const auto fields = FormFieldsOf(json);
  REQUIRE_FALSE(fields.ok());
  CHECK(fields.error().find("10 MiB") != std::string::npos);
}
