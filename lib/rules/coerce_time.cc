// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_time.h"

#include <cstdint>
#include <optional>

#include "lib/rules/blanks.h"
#include "lib/rules/decimal.h"
#include "lib/rules/instant.h"

namespace webhook::rules {
namespace {

using model::Value;

// Smaller numbers are years, compact dates (20261124) and the like; larger ones milliseconds.
constexpr std::int64_t kUnixSecondsMin = 100'000'000;      // March 1973
constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;  // 9999-12-31 23:59:59

std::optional<Instant> WrittenInstant(const Value& value) {
  const std::string* text = value.text();
  return text != nullptr ? ParseInstant(TrimBlanks(*text)) : std::nullopt;
}

std::optional<Instant> UnixInstant(const Value& value) {
  const model::Number* number = value.number();
  const auto decimal = number != nullptr ? ParseDecimal(number->text) : std::nullopt;
  const auto seconds = decimal ? ToInteger(*decimal) : std::nullopt;
  if (!seconds || *seconds < kUnixSecondsMin || *seconds > kUnixSecondsMax) return std::nullopt;
  Instant instant;
  instant.unix_seconds = *seconds;
  return instant;
}

}  // namespace

Coerced CoerceDate(const Value& value) {
  const auto instant = WrittenInstant(value);
  if (!instant) return CoercionError{"a date such as 2026-11-24"};
  return Value::Text(DateText(instant->written_date));
}

Coerced CoerceDatetime(const Value& value) {
  const auto instant = value.number() != nullptr ? UnixInstant(value) : WrittenInstant(value);
  if (!instant) {
    return CoercionError{"a date and time such as 2026-11-24T10:00:00Z, or whole Unix seconds"};
  }
  return Value::Text(UtcText(*instant));
}

}  // namespace webhook::rules
