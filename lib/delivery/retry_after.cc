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

bool IsHttpDateShape(std::string_view text) {
  constexpr std::string_view kShape = "___, __ ___ ____ __:__:__ GMT";
  if (text.size() != kShape.size()) return false;
  return std::equal(text.begin(), text.end(), kShape.begin(),
                    [](char c, char shape) { return shape == '_' || c == shape; });
}

// `Sun, 06 Nov 1994 08:49:37 GMT`, and nothing else; the name of the day is not looked at.
std::optional<base::WallTime> ReadHttpDate(std::string_view text) {
  if (!IsHttpDateShape(text)) return std::nullopt;
  const auto day = ReadNumber(text.substr(5, 2));
  const auto month = ReadMonth(text.substr(8, 3));
  const auto year = ReadNumber(text.substr(12, 4));
  const auto hour = ReadNumber(text.substr(17, 2));
  const auto minute = ReadNumber(text.substr(20, 2));
  const auto second = ReadNumber(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return base::WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
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
  const auto date = ReadHttpDate(*value);
  if (!date || *date <= now) return std::nullopt;
  return *date - now;
}

}  // namespace webhook::delivery
