// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include <string>

#include "lib/model/value.h"

namespace webhook::model {
namespace {

std::string Repeated(std::string_view text, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// What it parses to as JSON, or "byte N: message".
std::string Parsed(std::string_view text, const JsonLimits& limits = {}) {
  const auto parsed = ParseJson(text, limits);
  if (parsed.ok()) return DumpJson(parsed.value());
  return "byte " + std::to_string(parsed.error().byte) + ": " + parsed.error().message;
}

}  // namespace

TEST_CASE("numbers keep what was written") {
  for (const std::string text :
       {"0", "-0", "-0.0", "1.10", "1e5", "1E5", "1E+05", "1e-0", "0.10e400", "1e400", "-1e-400",
        "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "-9223372036854775809", "3.14159265358979323846264338327950288",
        "100000000000000000000000000000000000000001"}) {
    CAPTURE(text);
    const auto parsed = ParseJson(text);
    REQUIRE(parsed.ok());
    REQUIRE(parsed.value().number() != nullptr);
    CHECK(parsed.value().number()->text == text);
    CHECK(DumpJson(parsed.value()) == text);
    CHECK(Parsed("[" + text + "," + text + "]") == "[" + text + "," + text + "]");
  }
}

TEST_CASE("what JSON is") {
  const struct {
    std::string json;
    std::string parsed;
  } cases[] = {
      {" \t\r\n{ \"a\" : [ 1 , true ,false, null ] , \"b\" : { } } \n",
       R"({"a":[1,true,false,null],"b":{}})"},
      {"\xEF\xBB\xBF{}", "{}"},  // a byte order mark
      {R"("")", R"("")"},
      {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\b\f\n\r\t")"},
      {R"("\u00e4\u20AC\ud83d\uDE00\u0041")", R"("ä€😀A")"},
      {R"("\u0000")", R"("\u0000")"},
      {R"("ä€😀")", R"("ä€😀")"},
      // Half a pair is no character: its escape stays visible.
      {R"("\ud83d")", R"("\\ud83d")"},
      {R"("\ud83dx")", R"("\\ud83dx")"},
      {R"("\uDE00\ud83d")", R"("\\uDE00\\ud83d")"},
      {R"("\ud83d\u0041")", R"("\\ud83dA")"},
      {R"("\ud83d\ud83d\ude00")", R"("\\ud83d😀")"},
      {R"("\ud83d\n")", R"("\\ud83d\n")"},
      // The last of a repeated key, in the first one's place.
      {R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
      {R"({"a":1,"\u0061":[2]})", R"({"a":[2]})"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.json);
    CHECK(Parsed(one.json) == one.parsed);
  }
}

TEST_CASE("what is no JSON says at which byte, and never quotes it") {
  const struct {
    std::string json;
    std::string error;
  } cases[] = {
      {"", "byte 1: unexpected end"},
      {"  ", "byte 3: unexpected end"},
      {"secret", "byte 1: expected a value"},
      {"nul", "byte 1: expected a value"},
      {"True", "byte 1: expected a value"},
      {"NaN", "byte 1: expected a value"},
      {"Infinity", "byte 1: expected a value"},
      {"'a'", "byte 1: expected a value"},
      {"+1", "byte 1: expected a value"},
      {".5", "byte 1: expected a value"},
      {"-", "byte 2: expected a digit"},
      {"-x", "byte 2: expected a digit"},
      {"1.", "byte 3: expected a digit"},
      {"1.e5", "byte 3: expected a digit"},
      {"1e", "byte 3: expected a digit"},
      {"1e+", "byte 4: expected a digit"},
      {"01", "byte 2: unexpected text after the value"},
      {"0x1", "byte 2: unexpected text after the value"},
      {"1 2", "byte 3: unexpected text after the value"},
      {"nullx", "byte 5: unexpected text after the value"},
      {"{} // note", "byte 4: unexpected text after the value"},
      {"[1,]", "byte 4: expected a value"},
      {"[1 2]", "byte 4: expected , or ]"},
      {"[1", "byte 3: expected , or ]"},
      {"[", "byte 2: unexpected end"},
      {"]", "byte 1: expected a value"},
      {"{", "byte 2: expected a key in quotes"},
      {"{a:1}", "byte 2: expected a key in quotes"},
      {"{\"a\":1,}", "byte 8: expected a key in quotes"},
      {"{\"a\" 1}", "byte 6: expected :"},
      {"{\"a\":}", "byte 6: expected a value"},
      {"{\"a\":1 \"b\":2}", "byte 8: expected , or }"},
      {"\"abc", "byte 5: unexpected end in a text"},
      {"\"a\nb\"", "byte 3: a control character in a text"},
      {std::string("\"a\0\"", 4), "byte 3: a control character in a text"},
      {"\"\\x\"", "byte 3: no such escape"},
      {"\"\\", "byte 3: no such escape"},
      {"\"\\u12g4\"", "byte 6: expected four hexadecimal digits"},
      {"\"\\ud83d\\u12\"", "byte 12: expected four hexadecimal digits"},
      {"\"\xFF\"", "byte 2: not UTF-8"},
      {"\"a\xC3\"", "byte 3: not UTF-8"},
      {"\"\xC0\x80\"", "byte 2: not UTF-8"},
      {"\"\xED\xA0\x80\"", "byte 2: not UTF-8"},
      {"\"\xF4\x90\x80\x80\"", "byte 2: not UTF-8"},
      {"[1, \"secret\", x]", "byte 15: expected a value"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.json);
    CHECK(Parsed(one.json) == one.error);
  }
}

TEST_CASE("repeated keys of a large object") {
  std::string json = "{";
  for (int i = 0; i < 1000; ++i) {
    json += "\"k" + std::to_string(i % 500) + "\":" + std::to_string(i) + ",";
  }
  json += "\"k0\":\"last\"}";
  const auto parsed = ParseJson(json);
  REQUIRE(parsed.ok());
  const Value::Object& members = *parsed.value().object();
  REQUIRE(members.size() == 500);
  CHECK(members[0] == Member{"k0", Value::Text("last")});
  for (int i = 1; i < 500; ++i) {
    const auto at = static_cast<std::size_t>(i);
    CHECK(members[at] == Member{"k" + std::to_string(i), Value::Integer(500 + i)});
  }
}

TEST_CASE("depth and number of values are bounded") {
  CHECK(ParseJson(Repeated("[", 100) + Repeated("]", 100)).ok());
  CHECK(Parsed(Repeated("[", 101) + Repeated("]", 101)) == "byte 101: nested too deeply");
  CHECK(Parsed(Repeated("{\"a\":", 101)) == "byte 501: nested too deeply");
  CHECK(Parsed(Repeated("[", 10'000'000)) == "byte 101: nested too deeply");
  const JsonLimits limits{.depth_max = 1, .values_max = 3};
  CHECK(Parsed("[1,2]", limits) == "[1,2]");
  CHECK(Parsed("{\"a\":1,\"a\":2}", limits) == "{\"a\":2}");
  CHECK(Parsed("[1,2,3]", limits) == "byte 6: too many values");
  CHECK(Parsed("[[]]", limits) == "byte 2: nested too deeply");
}

}  // namespace webhook::model
