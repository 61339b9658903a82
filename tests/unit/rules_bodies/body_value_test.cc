// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/body_value.h"

#include <doctest/doctest.h>

namespace webhook::rules {
namespace {

// The value as JSON, or the problem.
std::string Read(std::string_view type, std::string_view body) {
  const BodyValue read = ReadBody(type, body);
  CHECK((read.problem.empty() || read.value.is_missing()));
  if (!read.problem.empty()) return "problem: " + read.problem;
  return read.value.is_missing() ? "(missing)" : model::DumpJson(read.value);
}

TEST_CASE("the format of a content type") {
  for (const char* type :
       {"", " ", "application/json", "Application/JSON; charset=utf-8", "application/problem+json",
        "text/json", "*/*", "application/octet-stream"}) {
    CAPTURE(type);
    CHECK(FormatOf(type) == BodyFormat::kJson);
  }
  CHECK(FormatOf("application/x-www-form-urlencoded; charset=utf-8") == BodyFormat::kForm);
  CHECK(FormatOf("Multipart/Form-Data; boundary=x") == BodyFormat::kMultipart);
  for (const char* type : {"text/plain", "text/xml", "application/soap+xml", "multipart/mixed",
                           "image/png", "nonsense", "application/jsonx"}) {
    CAPTURE(type);
    CHECK(FormatOf(type) == BodyFormat::kText);
  }
}

TEST_CASE("JSON keeps what was written") {
  CHECK(Read("application/json", R"({"a": 1.10})") == R"({"a":1.10})");
  CHECK(Read("", "[1]") == "[1]");
  CHECK(Read("", "") == "(missing)");
  CHECK(Read("application/json", "{\"a\": }").starts_with("problem: byte 7 of the JSON: "));
  CHECK(Read("application/json", "\"\xFF\"").starts_with("problem: "));
}

TEST_CASE("forms: texts, lists of texts, bytes that are no UTF-8") {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  CHECK(Read(kForm, "b=1&a=x+y&b=2&%FF=%FF") ==
        "{\"b\":[\"1\",\"2\"],\"a\":\"x y\",\"\uFFFD\":\"\uFFFD\"}");
  CHECK(Read(kForm, "") == "{}");
  CHECK(ReadBody(kForm, "%FF=%FF").fields.front() ==
        std::pair<std::string, std::string>("\xFF", "\xFF"));
  std::string many;
  for (std::size_t i = 0; i <= kFormFieldsMax; ++i) many += "a&";
  CHECK(Read(kForm, many) == "problem: the form has more than 1000 fields");
}

TEST_CASE("multipart: fields are texts, files are what is known about them") {
  const std::string body =
      "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
      "--x\r\nContent-Disposition: form-data; name=f; filename=t.txt\r\nContent-Type: "
      "text/plain\r\n"
      "\r\nhello\r\n--x--";
  CHECK(Read("multipart/form-data; boundary=x", body) ==
        R"({"a":"1","f":{"filename":"t.txt","content_type":"text/plain","size":5}})");
  const BodyValue read = ReadBody("multipart/form-data; boundary=x", body);
  REQUIRE(read.files.size() == 1);
  CHECK(read.files.front().content == "hello");
  CHECK(read.files.front().content.data() > body.data());
  CHECK(Read("multipart/form-data; boundary=y", body).starts_with("problem: "));
}

TEST_CASE("text, also when it is XML; JSON that calls itself text is JSON") {
  CHECK(Read("text/plain", "hello \xFF") == "\"hello \uFFFD\"");
  CHECK(Read("text/xml", "<a/>") == R"("<a/>")");
  CHECK(Read("text/plain; charset=UTF-8", " {\"a\": 1}\n") == R"({"a":1})");
  CHECK(ReadBody("text/plain", "[1]").format == BodyFormat::kJson);
  CHECK(Read("text/plain", "{not json}") == R"("{not json}")");
  CHECK(ReadBody("text/plain", "{not json}").format == BodyFormat::kText);
  CHECK(Read("text/plain", "42") == R"("42")");
  CHECK(Read("application/xml", "[1]") == R"("[1]")");
  CHECK(Read("text/plain", std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(Read("text/plain", "") == "(missing)");
}

}  // namespace
}  // namespace webhook::rules
