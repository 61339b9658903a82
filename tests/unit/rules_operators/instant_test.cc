// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/instant.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace webhook::rules;  // NOLINT: a test

TEST_CASE("dates and datetimes, and what they are in UTC") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"2026-11-24", "2026-11-24 00:00:00"},
      {"2026-11-24T10:00:00Z", "2026-11-24 10:00:00"},
      {"2026-11-24t10:00:00z", "2026-11-24 10:00:00"},
      {"2026-11-24 10:00:00", "2026-11-24 10:00:00"},
      {"2026-11-24T10:00", "2026-11-24 10:00:00"},
      {"2026-11-24T10:00:00+02:00", "2026-11-24 08:00:00"},
      {"2026-11-24T10:00:00+0200", "2026-11-24 08:00:00"},
      {"2026-11-24T10:00:00-05", "2026-11-24 15:00:00"},
      {"2026-12-31T23:30:00-01:00", "2027-01-01 00:30:00"},
      {"2026-01-01T00:30:00+05:45", "2025-12-31 18:45:00"},
      {"2026-11-24T10:00:00.999999999Z", "2026-11-24 10:00:00"},
      {"2026-11-24T10:00:00,5", "2026-11-24 10:00:00"},
      {"2024-02-29", "2024-02-29 00:00:00"},
      {"2000-02-29", "2000-02-29 00:00:00"},
      {"1969-12-31T23:59:59Z", "1969-12-31 23:59:59"},
      {"0001-01-01T00:00:00Z", "0001-01-01 00:00:00"},
      {"9999-12-31T23:59:59Z", "9999-12-31 23:59:59"},
  };
  for (const auto& [text, utc] : rows) {
    CAPTURE(text);
    const auto instant = ParseInstant(text);
    REQUIRE(instant.has_value());
    CHECK(UtcText(*instant) == utc);
  }
}

TEST_CASE("what is no date") {
  for (const char* text : {"",
                           "2026",
                           "20261124",
                           "2026-11",
                           "2026-02-30",
                           "2026-02-29",
                           "1900-02-29",
                           "2026-13-01",
                           "2026-00-01",
                           "2026-01-00",
                           "2026-04-31",
                           "0000-01-01",
                           "10000-01-01",
                           "2026-11-24T",
                           "2026-11-24 ",
                           " 2026-11-24",
                           "2026-11-24T10",
                           "2026-11-24T24:00:00",
                           "2026-11-24T10:60:00",
                           "2026-11-24T23:59:60Z",
                           "2026-11-24T10:00:00.",
                           "2026-11-24T10:00:00.Z",
                           "2026-11-24T10:00:00+",
                           "2026-11-24T10:00:00+2",
                           "2026-11-24T10:00:00+24:00",
                           "2026-11-24T10:00:00+02:60",
                           "2026-11-24T10:00:00 Z",
                           "2026-11-24T10:00:00ZZ",
                           "2026-11-24T10:00:00 UTC",
                           "2026-11-24X10:00:00",
                           "24.11.2026",
                           "1764000000",
                           "0001-01-01T00:00:00+01:00",
                           "9999-12-31T23:59:59-01:00",
                           "2026-11-24T10:00:00.1234567890123456789Z",
                           "2026-1-1",
                           "-026-11-24"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseInstant(text).has_value());
  }
}

TEST_CASE("points in time are compared, not texts") {
  const auto compare = [](const char* left, const char* right) {
    return Compare(*ParseInstant(left), *ParseInstant(right));
  };
  CHECK(compare("2026-11-24T10:00:00+02:00", "2026-11-24T08:00:00Z") == 0);
  CHECK(compare("2026-11-24", "2026-11-24T00:00:00Z") == 0);
  CHECK(compare("2026-11-24 10:00:00", "2026-11-24T10:00:00Z") == 0);
  CHECK(compare("2026-11-24T10:00:00.1Z", "2026-11-24T10:00:00.10Z") == 0);
  CHECK(compare("2026-11-24T10:00:00.1Z", "2026-11-24T10:00:00.100000000000000001Z") < 0);
  CHECK(compare("2026-11-24T01:00:00+02:00", "2026-11-24") < 0);
  CHECK(compare("1969-12-31T23:59:59.9Z", "1970-01-01") < 0);
}

TEST_CASE("the calendar date is kept as it was written") {
  const auto instant = ParseInstant("2026-01-01T00:30:00+05:45");
  REQUIRE(instant.has_value());
  CHECK(DateText(instant->written_date) == "2026-01-01");
  CHECK(DateText(UtcDate(*instant)) == "2025-12-31");
  CHECK(instant->has_time);
  CHECK(instant->has_zone);
  CHECK_FALSE(ParseInstant("2026-01-01")->has_time);
  CHECK_FALSE(ParseInstant("2026-01-01 10:00")->has_zone);
}

TEST_CASE("days and dates are each other's inverse, day by day") {
  std::int64_t days = DaysFromDate({1, 1, 1});
  CHECK(days == -719162);
  CHECK(DaysFromDate({1970, 1, 1}) == 0);
  CHECK(DaysFromDate({9999, 12, 31}) == 2932896);
  CalendarDate before = DateFromDays(days);
  for (++days; days <= 2932896; ++days) {
    const CalendarDate date = DateFromDays(days);
    const bool follows = date.day == before.day + 1 || date.day == 1;
    if (!follows || DaysFromDate(date) != days || !DateExists(date.year, date.month, date.day)) {
      FAIL(days);
    }
    before = date;
  }
}
