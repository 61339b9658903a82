// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/line_format.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lib/base/random.h"

namespace webhook::observe {
namespace {

using base::Field;
using base::Level;

const base::WallTime kTime = base::FromUnixMs(1'795'507'200'123);  // 2026-11-24T08:00:00.123Z

std::string Line(std::vector<Field> fields, LogFormat format, LineLimits limits = {}) {
  return FormatLine({kTime, Level::kInfo, "delivery.attempted", fields}, format, limits);
}

// A text line without its head.
std::string TextOf(base::FieldValue value, LineLimits limits = {}) {
  const std::string line = Line({{"f", value}}, LogFormat::kText, limits);
  return line.substr(line.find(" f=") + 3);
}

nlohmann::json JsonOf(std::vector<Field> fields, LineLimits limits = {}) {
  return nlohmann::json::parse(Line(std::move(fields), LogFormat::kJson, limits));
}

}  // namespace

TEST_CASE("a text line") {
  CHECK(Line({{"delivery", "0192-af"}, {"attempt", 3}, {"ok", false}, {"rate", 0.25}},
             LogFormat::kText) ==
        "2026-11-24T08:00:00.123Z INFO delivery.attempted delivery=0192-af attempt=3 ok=false "
        "rate=0.25");
}

TEST_CASE("a JSON line") {
  CHECK(Line({{"delivery", "0192-af"}, {"attempt", 3}, {"ok", false}, {"rate", 0.25}},
             LogFormat::kJson) ==
        "{\"time\":\"2026-11-24T08:00:00.123Z\",\"level\":\"info\","
        "\"event\":\"delivery.attempted\",\"delivery\":\"0192-af\",\"attempt\":3,\"ok\":false,"
        "\"rate\":0.25}");
}

TEST_CASE("levels and an event without fields") {
  const auto head = [](Level level) {
    return FormatLine({kTime, level, "e", {}}, LogFormat::kText).substr(25);
  };
  CHECK(head(Level::kDebug) == "DEBUG e");
  CHECK(head(Level::kWarning) == "WARNING e");
  CHECK(head(Level::kError) == "ERROR e");
  CHECK(FormatLine({kTime, Level::kWarning, "e", {}}, LogFormat::kJson) ==
        "{\"time\":\"2026-11-24T08:00:00.123Z\",\"level\":\"warning\",\"event\":\"e\"}");
}

TEST_CASE("times before 1970 and single digits are padded") {
  CHECK(FormatTime(base::FromUnixMs(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(FormatTime(base::FromUnixMs(5)) == "1970-01-01T00:00:00.005Z");
}

TEST_CASE("a value that is not one plain word is quoted") {
  CHECK(TextOf("a/b:c-d") == "a/b:c-d");
  CHECK(TextOf("") == "\"\"");
  CHECK(TextOf("a b") == "\"a b\"");
  CHECK(TextOf("a=b") == "\"a=b\"");
  CHECK(TextOf("say \"x\"") == "\"say \\\"x\\\"\"");
  CHECK(TextOf("C:\\x") == "\"C:\\\\x\"");
  CHECK(TextOf("\xC3\xBC") == "\"\xC3\xBC\"");
}

TEST_CASE("a value cannot forge a line, a field or a terminal command") {
  CHECK(TextOf("a\nb\rc\td") == "\"a\\nb\\rc\\td\"");
  CHECK(TextOf("x\" y=\"1") == "\"x\\\" y=\\\"1\"");
  CHECK(TextOf("\x1b[2J") == "\"\\\\u001b[2J\"");
  CHECK(TextOf(std::string_view("a\0b", 3)) == "\"a\\\\u0000b\"");
  CHECK(TextOf("\xC2\x9B"
               "2J") == "\"\\u009b2J\"");  // control sequence introducer
  CHECK(TextOf("a\xE2\x80\xA8"
               "b") == "\"a\\u2028b\"");  // line separator
  CHECK(TextOf("a\xE2\x80\xAE"
               "b") == "\"a\\u202eb\"");   // right-to-left override
  CHECK(TextOf("\xFF") == "\"\\\\xff\"");  // not UTF-8
}

TEST_CASE("JSON holds the same text, and parses") {
  CHECK(JsonOf({{"f", "a\nb\"\\\x1b"}})["f"] == "a\nb\"\\\\u001b");
  CHECK(JsonOf({{"f", "a\xE2\x80\xAE"}})["f"] == "a\xE2\x80\xAE");  // escaped in the line
  CHECK(JsonOf({{"f", std::numeric_limits<std::uint64_t>::max()}})["f"] ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(JsonOf({{"f", std::numeric_limits<std::int64_t>::min()}})["f"] ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(JsonOf({{"f", std::numeric_limits<double>::quiet_NaN()}})["f"] == "not a finite number");
}

TEST_CASE("an absent value leaves its field out") {
  CHECK(Line({{"a", std::optional<int>()}, {"b", 1}}, LogFormat::kText).ends_with("attempted b=1"));
  CHECK_FALSE(JsonOf({{"a", std::optional<int>()}}).contains("a"));
}

TEST_CASE("a long value is cut between characters and says so") {
  CHECK(TextOf("abcdef", {.value_bytes_max = 3}) == "\"abc\xE2\x80\xA6\"");
  CHECK(TextOf("abc", {.value_bytes_max = 3}) == "abc");
  CHECK(TextOf("ab\xC3\xBC", {.value_bytes_max = 3}) == "\"ab\xE2\x80\xA6\"");
}

TEST_CASE("a long line leaves out what is beyond the limit, says so, and stays whole") {
  const std::string value(90, 'v');
  const LineLimits limits{.line_bytes_max = 200};
  const nlohmann::json line = JsonOf({{"a", value}, {"b", value}, {"c", 1}}, limits);
  CHECK(line["a"] == value);
  CHECK_FALSE(line.contains("b"));
  CHECK_FALSE(line.contains("c"));
  CHECK(line["fields_left_out"] == true);
  CHECK(Line({{"a", value}, {"b", value}}, LogFormat::kText, limits)
            .ends_with(value + " fields_left_out=true"));
}

TEST_CASE("any bytes come out as one printable line, and as JSON that parses") {
  const std::uint64_t seed = 20'261'124;
  CAPTURE(seed);
  base::SeededRandom random(seed);
  for (int round = 0; round < 3'000; ++round) {
    std::string bytes(random.Next() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Next() & 0xFF);
    const std::string text = Line({{"f", bytes}}, LogFormat::kText);
    CAPTURE(text);
    CHECK(std::none_of(text.begin(), text.end(), [](char character) {
      return static_cast<unsigned char>(character) < 0x20 || character == 0x7F;
    }));
    CHECK_NOTHROW(JsonOf({{"f", bytes}}));
  }
}

}  // namespace webhook::observe
