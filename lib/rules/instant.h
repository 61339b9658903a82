// SPDX-License-Identifier: LGPL-3.0-or-later
// Dates and datetimes of ISO 8601 as RFC 3339 profiles them, as points in time. Unix seconds are
// numbers, not dates. Pure, total, plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace webhook::rules {

struct CalendarDate {
  int year = 1;  // 1 … 9999
  int month = 1;
  int day = 1;
  bool operator==(const CalendarDate&) const = default;
};

struct Instant {
  std::int64_t unix_seconds = 0;  // UTC, floor; within the years 1 … 9999
  std::int64_t attoseconds = 0;   // 0 … 10^18 - 1
  CalendarDate written_date;      // as written, before the zone was applied
  bool has_time = false;          // false: a date alone, at its midnight UTC
  bool has_zone = false;          // false: read as UTC
};

// YYYY-MM-DD, or that, "T" or a space, hh:mm, perhaps :ss, perhaps a fraction of up to 18 digits
// after "." or ",", perhaps Z, ±hh:mm, ±hhmm or ±hh. Whole text, no spaces around. Dates that the
// calendar has; 24:00 and leap seconds are none.
std::optional<Instant> ParseInstant(std::string_view text);

// By the point in time only.
std::strong_ordering Compare(const Instant& left, const Instant& right);

std::string DateText(const CalendarDate& date);  // "2026-11-24"
CalendarDate UtcDate(const Instant& instant);    // the date it is in UTC
std::string UtcText(const Instant& instant);     // "2026-11-24 10:00:00", fraction cut off

// Days since 1970-01-01, and back. Preconditions: a date that exists; a day of the years 1 … 9999.
std::int64_t DaysFromDate(const CalendarDate& date);
CalendarDate DateFromDays(std::int64_t days);
bool DateExists(int year, int month, int day);

}  // namespace webhook::rules
