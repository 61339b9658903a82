// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "lib/base/ascii.h"

namespace webhook::delivery {
namespace {

using base::Milliseconds;

// More than a policy's limit can be; what is longer is taken for as much.
constexpr std::int64_t kSecondsMax = 9'999'999'999;

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int> ReadNumber(std::string_view digits) {
  if (!IsDigits(digits)) return std::nullopt;
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::optional<Milliseconds> ReadSeconds(std::string_view text) {
  if (!IsDigits(text)) return std::nullopt;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc()) seconds = kSecondsMax;
  return std::chrono::seconds(std::min(seconds, kSecondsMax));
}

std::optional<unsigned> ReadMonth(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(kMonths.begin(), kMonths.end(), text);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

// '_' in the shape stands for any character.
bool HasShape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(),
                    [](char c, char wanted) { return wanted == '_' || c == wanted; });
}

// `08:49:37`
std::optional<std::chrono::seconds> ReadTimeOfDay(std::string_view text) {
  if (!HasShape(text, "__:__:__")) return std::nullopt;
  const auto hour = ReadNumber(text.substr(0, 2));
  const auto minute = ReadNumber(text.substr(3, 2));
  const auto second = ReadNumber(text.substr(6, 2));
  if (!hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::optional<base::WallTime> MakeTime(std::optional<int> year, std::string_view month_name,
                                       std::optional<int> day, std::string_view time_of_day) {
  const auto month = ReadMonth(month_name);
  const auto time = ReadTimeOfDay(time_of_day);
  if (!year || !month || !day || !time) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return base::WallTime(std::chrono::sys_days(date)) + *time;
}

// `Sun, 06 Nov 1994 08:49:37 GMT`; in no form the name of the day is compared with the date.
std::optional<base::WallTime> ReadImfFixdate(std::string_view text) {
  if (!HasShape(text, "___, __ ___ ____ __:__:__ GMT")) return std::nullopt;
  return MakeTime(ReadNumber(text.substr(12, 4)), text.substr(8, 3), ReadNumber(text.substr(5, 2)),
                  text.substr(17, 8));
}

// The year nearest to now that ends so; 50 years ahead rather than 50 ago.
std::optional<int> ReadShortYear(std::string_view digits, base::WallTime now) {
  const auto number = ReadNumber(digits);
  if (!number) return std::nullopt;
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const int this_year = static_cast<int>(today.year());
  const int year = this_year - this_year % 100 + *number;
  if (year > this_year + 50) return year - 100;
  return year <= this_year - 50 ? year + 100 : year;
}

// `Sunday, 06-Nov-94 08:49:37 GMT`
std::optional<base::WallTime> ReadRfc850(std::string_view text, base::WallTime now) {
  constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                     "Friday", "Saturday", "Sunday"};
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  if (std::find(kDays.begin(), kDays.end(), text.substr(0, comma)) == kDays.end()) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(comma);
  if (!HasShape(rest, ", __-___-__ __:__:__ GMT")) return std::nullopt;
  return MakeTime(ReadShortYear(rest.substr(9, 2), now), rest.substr(5, 3),
                  ReadNumber(rest.substr(2, 2)), rest.substr(12, 8));
}

// `Sun Nov  6 08:49:37 1994`
std::optional<base::WallTime> ReadAsctime(std::string_view text) {
  if (!HasShape(text, "___ ___ __ __:__:__ ____")) return std::nullopt;
  const std::string_view day = text.substr(text[8] == ' ' ? 9 : 8, text[8] == ' ' ? 1 : 2);
  return MakeTime(ReadNumber(text.substr(20, 4)), text.substr(4, 3), ReadNumber(day),
                  text.substr(11, 8));
}

std::optional<base::WallTime> ReadHttpDate(std::string_view text, base::WallTime now) {
  if (const auto time = ReadImfFixdate(text)) return time;
  if (const auto time = ReadRfc850(text, now)) return time;
  return ReadAsctime(text);
}

}  // namespace

std::optional<Milliseconds> RetryAfter(const HttpHeaders& headers, base::WallTime now) {
  std::optional<std::string_view> value;
  for (const auto& [name, text] : headers) {
    if (!base::EqualsIgnoringCase(name, "retry-after")) continue;
    if (value) return std::nullopt;
    value = text;
  }
  if (!value) return std::nullopt;
  if (const auto delay = ReadSeconds(*value)) return delay;
  const auto date = ReadHttpDate(*value, now);
  if (!date || *date <= now) return std::nullopt;
  return *date - now;
}

}  // namespace webhook::delivery
