// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "lib/rules/blanks.h"
#include "lib/rules/decimal.h"

namespace webhook::rules {
namespace {

using model::Value;

constexpr std::int64_t kPlacesMax = 400;      // behind the point
constexpr std::size_t kTextBytesMax = 1'000;  // of a number as a text

// The number's text, without the blanks around it that people leave; empty when it is none.
std::string_view NumberText(const Value& value) {
  if (const model::Number* number = value.number()) return number->text;
  if (const std::string* text = value.text()) return TrimBlanks(*text);
  return {};
}

bool FitsDouble(std::string_view text, bool is_zero) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double held = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), held);
  return read.ec == std::errc() && std::isfinite(held) && (held != 0 || is_zero);
}

// As many places behind the point as were written: 12.50 keeps its two. Of 1e3 what it takes.
std::int64_t Places(std::string_view text, const Decimal& number) {
  const std::int64_t needed =
      number.is_zero() ? 0 : static_cast<std::int64_t>(number.digits.size()) - number.magnitude;
  const std::size_t point = text.find('.');
  const bool plain = text.find_first_of("eE") == std::string_view::npos;
  const auto written = plain && point != std::string_view::npos
                           ? static_cast<std::int64_t>(text.size() - point - 1)
                           : 0;
  return std::max({needed, written, std::int64_t{0}});
}

}  // namespace

Coerced CoerceInteger(const Value& value) {
  using Limits = std::numeric_limits<std::int32_t>;
  const auto number = ParseDecimal(NumberText(value));
  const auto whole = number ? ToInteger(*number) : std::nullopt;
  if (whole && *whole >= Limits::min() && *whole <= Limits::max()) return Value::Integer(*whole);
  return CoercionError{"a whole number from -2147483648 to 2147483647"};
}

Coerced CoerceDecimal(const Value& value) {
  const std::string_view text = NumberText(value);
  const auto number = ParseDecimal(text);
  if (!number) return CoercionError{"a number such as 12.50, with a point"};
  const std::int64_t places = Places(text, *number);
  if (FitsDouble(text, number->is_zero()) && places <= kPlacesMax) {
    if (auto fixed = FixedText(*number, static_cast<int>(places), kTextBytesMax)) {
      return Value::Text(std::move(*fixed));
    }
  }
  return CoercionError{"a number that a double can hold, with at most 400 places"};
}

}  // namespace webhook::rules
