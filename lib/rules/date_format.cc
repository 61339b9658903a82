// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/date_format.h"

#include <algorithm>

#include "lib/rules/blanks.h"
#include "lib/rules/decimal.h"
#include "lib/rules/instant.h"

namespace webhook::rules {
namespace {

constexpr std::string_view kLetters = "YmdHMS%";
constexpr std::int64_t kUnixSecondsMin = -62'135'596'800;  // 0001-01-01
constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;  // the end of 9999-12-31
constexpr std::int64_t kWholeDigitsMax = 12;               // of these
constexpr std::size_t kUnixDigitsMin = 9;                  // fewer may be 20261124
constexpr std::size_t kUnixDigitsMax = 11;

bool IsUnixText(std::string_view text) {
  return text.size() >= kUnixDigitsMin && text.size() <= kUnixDigitsMax &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The whole second that it lies in.
std::optional<std::int64_t> Floor(const Decimal& number) {
  if (number.magnitude > kWholeDigitsMax) return std::nullopt;
  std::int64_t whole = 0;
  for (std::int64_t i = 0; i < number.magnitude; ++i) {
    const auto at = static_cast<std::size_t>(i);
    whole = whole * 10 + (at < number.digits.size() ? number.digits[at] - '0' : 0);
  }
  if (!number.negative) return whole;
  return IsInteger(number) ? -whole : -whole - 1;
}

// Where the letter's digits are in "2026-11-24 10:00:00".
std::string_view Part(std::string_view utc, char letter) {
  switch (letter) {
    case 'Y':
      return utc.substr(0, 4);
    case 'm':
      return utc.substr(5, 2);
    case 'd':
      return utc.substr(8, 2);
    case 'H':
      return utc.substr(11, 2);
    case 'M':
      return utc.substr(14, 2);
    case 'S':
      return utc.substr(17, 2);
    default:
      return "%";
  }
}

}  // namespace

std::optional<std::int64_t> UnixSecondsOf(const model::Value& value) {
  const std::string* text = value.text();
  if (text == nullptr && value.number() == nullptr) return std::nullopt;
  const std::string_view written = TrimBlanks(text != nullptr ? *text : value.number()->text);
  if (text != nullptr && !IsUnixText(written)) {
    const std::optional<Instant> instant = ParseInstant(written);
    if (!instant) return std::nullopt;
    return instant->unix_seconds;
  }
  const std::optional<Decimal> number = ParseDecimal(written);
  const std::optional<std::int64_t> seconds = number ? Floor(*number) : std::nullopt;
  if (!seconds || *seconds < kUnixSecondsMin || *seconds > kUnixSecondsMax) return std::nullopt;
  return seconds;
}

bool IsDateFormat(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    if (i == format.size() || kLetters.find(format[i]) == std::string_view::npos) return false;
  }
  return true;
}

std::string FormatDate(std::string_view format, std::int64_t unix_seconds) {
  Instant instant;
  instant.unix_seconds = unix_seconds;
  const std::string utc = UtcText(instant);
  std::string formatted;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      formatted += format[i];
    } else {
      ++i;
      formatted += Part(utc, i < format.size() ? format[i] : '%');
    }
  }
  return formatted;
}

}  // namespace webhook::rules
