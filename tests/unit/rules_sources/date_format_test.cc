// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/date_format.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {

TEST_CASE("dates and times in UTC") {
  const struct {
    std::string value;
    std::string formatted;
  } cases[] = {
      {"\"2026-11-24\"", "2026-11-24 00:00:00"},
      {"\" 2026-11-24 \"", "2026-11-24 00:00:00"},
      {"\"2026-11-24 10:11:12\"", "2026-11-24 10:11:12"},
      {"\"2026-11-24T10:11:12.999Z\"", "2026-11-24 10:11:12"},
      {"\"2026-11-24T01:00:00+02:00\"", "2026-11-23 23:00:00"},
      {"\"2024-02-29\"", "2024-02-29 00:00:00"},
      {"0", "1970-01-01 00:00:00"},
      {"-1", "1969-12-31 23:59:59"},
      {"-0.5", "1969-12-31 23:59:59"},
      {"1764000000", "2025-11-24 16:00:00"},
      {"1764000000.9", "2025-11-24 16:00:00"},
      {"1.764e9", "2025-11-24 16:00:00"},
      {"\"1764000000\"", "2025-11-24 16:00:00"},
      {"253402300799", "9999-12-31 23:59:59"},
      {"-62135596800", "0001-01-01 00:00:00"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.value);
    const auto seconds = UnixSecondsOf(Json(one.value));
    REQUIRE(seconds.has_value());
    CHECK(FormatDate("%Y-%m-%d %H:%M:%S", *seconds) == one.formatted);
  }
}

TEST_CASE("what is no date") {
  for (const std::string_view value :
       {"\"abc\"", "\"\"", "\"2026-13-01\"", "\"2026-02-29\"", "\"20261124\"", "\"24.11.2026\"",
        "true", "[]", "null", "253402300800", "-62135596801", "1764000000000", "1e400",
        "\"1764000000000\""}) {
    CAPTURE(value);
    CHECK(!UnixSecondsOf(Json(value)).has_value());
  }
  CHECK(UnixSecondsOf(Json("1e-400000")) == 0);
}

TEST_CASE("a format has these letters only") {
  for (const std::string_view format : {"", "%Y", "%d.%m.%Y", "100%%", "at %H:%M:%S"}) {
    CHECK(IsDateFormat(format));
  }
  for (const std::string_view format : {"%", "%y", "%Y %", "%j", "%s", "%e"})
    CHECK(!IsDateFormat(format));
  CHECK(FormatDate("%d.%m.%Y, 100%%", 0) == "01.01.1970, 100%");
}

}  // namespace webhook::rules
