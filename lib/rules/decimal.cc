// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/decimal.h"

#include <algorithm>
#include <limits>

#include "lib/base/assert.h"

namespace webhook::rules {
namespace {

constexpr int kPlacesMax = 1000;
constexpr std::int64_t kPlainCharactersMax = 60;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && IsDigit(rest[count])) ++count;
  const std::string_view digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

bool TakeSign(std::string_view& rest) {
  if (rest.empty() || (rest[0] != '-' && rest[0] != '+')) return false;
  const bool negative = rest[0] == '-';
  rest.remove_prefix(1);
  return negative;
}

// What follows `e`, to the end. Empty: it is no exponent. One beyond the limit stands just there:
// of zero it does not matter, and of anything else the caller refuses it.
std::optional<std::int64_t> TakeExponent(std::string_view rest) {
  const bool negative = TakeSign(rest);
  const std::string_view digits = TakeDigits(rest);
  if (digits.empty() || !rest.empty()) return std::nullopt;
  std::int64_t exponent = 0;
  for (const char digit : digits) {
    exponent = std::min(exponent * 10 + (digit - '0'), kDecimalExponentMax + 1);
  }
  return negative ? -exponent : exponent;
}

// `digits` × 10^(magnitude - digits.size()), brought to its one form.
Decimal Normalized(bool negative, std::string digits, std::int64_t magnitude) {
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return Decimal{};
  digits.erase(digits.find_last_not_of('0') + 1);
  digits.erase(0, first);
  return {negative, std::move(digits), magnitude - static_cast<std::int64_t>(first)};
}

std::strong_ordering Reversed(std::strong_ordering order) {
  if (std::is_eq(order)) return order;
  return std::is_lt(order) ? std::strong_ordering::greater : std::strong_ordering::less;
}

std::strong_ordering CompareSizes(const Decimal& left, const Decimal& right) {
  if (left.magnitude != right.magnitude) return left.magnitude <=> right.magnitude;
  // No zeros at either end: of 0.12 and 0.123 the shorter is the smaller, as texts have it.
  return left.digits.compare(right.digits) <=> 0;
}

int SignOf(const Decimal& number) {
  if (number.is_zero()) return 0;
  return number.negative ? -1 : 1;
}

// Adds one in the last place of a string of digits; a carry makes it longer.
bool Increment(std::string& digits) {
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return false;
    }
    *digit = '0';
  }
  digits.insert(digits.begin(), '1');
  return true;
}

// All digits, with the point where it belongs; `places` digits after it at least.
std::string PlainText(const Decimal& number, std::size_t places) {
  const std::int64_t magnitude = number.magnitude;
  std::string whole =
      number.digits.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(magnitude, 0)));
  if (magnitude > 0) whole.resize(static_cast<std::size_t>(magnitude), '0');
  std::string fraction;
  if (magnitude < 0 && !number.is_zero())
    fraction.assign(static_cast<std::size_t>(-magnitude), '0');
  if (magnitude < static_cast<std::int64_t>(number.digits.size())) {
    fraction +=
        number.digits.substr(static_cast<std::size_t>(std::max<std::int64_t>(magnitude, 0)));
  }
  if (fraction.size() < places) fraction.resize(places, '0');
  std::string text = number.negative ? "-" : "";
  text += whole.empty() ? "0" : whole;
  if (!fraction.empty()) text += "." + fraction;
  return text;
}

std::int64_t PlainCharacters(const Decimal& number) {
  const auto digits = static_cast<std::int64_t>(number.digits.size());
  if (number.magnitude <= 0) return 2 - number.magnitude + digits;
  return std::max(number.magnitude, digits + 1);
}

std::string ExponentText(const Decimal& number) {
  std::string text = number.negative ? "-" : "";
  text += number.digits.substr(0, 1);
  if (number.digits.size() > 1) text += "." + number.digits.substr(1);
  return text + "e" + std::to_string(number.magnitude - 1);
}

}  // namespace

std::optional<Decimal> ParseDecimal(std::string_view text) {
  const bool negative = TakeSign(text);
  const std::string_view whole = TakeDigits(text);
  std::string_view fraction;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    fraction = TakeDigits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  std::int64_t exponent = 0;
  if (!text.empty()) {
    if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
    const auto taken = TakeExponent(text.substr(1));
    if (!taken) return std::nullopt;
    exponent = *taken;
  }
  std::string digits(whole);
  digits += fraction;
  Decimal number =
      Normalized(negative, std::move(digits), exponent + static_cast<std::int64_t>(whole.size()));
  const bool too_far = exponent > kDecimalExponentMax || exponent < -kDecimalExponentMax;
  if (too_far && !number.is_zero()) return std::nullopt;
  return number;
}

std::optional<Decimal> DecimalOf(const model::Value& value) {
  if (const auto* number = value.number()) return ParseDecimal(number->text);
  if (const auto* text = value.text()) return ParseDecimal(*text);
  return std::nullopt;
}

std::strong_ordering Compare(const Decimal& left, const Decimal& right) {
  const int sign = SignOf(left);
  if (sign != SignOf(right)) return sign <=> SignOf(right);
  if (sign == 0) return std::strong_ordering::equal;
  return sign > 0 ? CompareSizes(left, right) : Reversed(CompareSizes(left, right));
}

Decimal RoundHalfUp(const Decimal& number, int places) {
  WEBHOOK_ASSERT(places >= 0 && places <= kPlacesMax);
  const std::int64_t kept = number.magnitude + places;  // how many of the digits stay
  if (kept >= static_cast<std::int64_t>(number.digits.size())) return number;
  if (kept < 0) return Decimal{};
  const auto cut = static_cast<std::size_t>(kept);
  std::string digits = number.digits.substr(0, cut);
  const bool carried = number.digits[cut] >= '5' && Increment(digits);
  return Normalized(number.negative, std::move(digits), number.magnitude + (carried ? 1 : 0));
}

bool IsInteger(const Decimal& number) {
  return number.magnitude >= static_cast<std::int64_t>(number.digits.size());
}

std::optional<std::int64_t> ToInteger(const Decimal& number) {
  constexpr std::int64_t kMagnitudeMax = std::numeric_limits<std::int64_t>::digits10 + 1;
  if (!IsInteger(number) || number.magnitude > kMagnitudeMax) return std::nullopt;
  // Downwards from zero: the lowest integer has no positive counterpart.
  std::int64_t integer = 0;
  for (std::int64_t i = 0; i < number.magnitude; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int digit = at < number.digits.size() ? number.digits[at] - '0' : 0;
    if (__builtin_mul_overflow(integer, 10, &integer) ||
        __builtin_sub_overflow(integer, digit, &integer)) {
      return std::nullopt;
    }
  }
  if (number.negative) return integer;
  if (integer == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -integer;
}

std::string CanonicalText(const Decimal& number) {
  if (number.is_zero()) return "0";
  const bool is_long = PlainCharacters(number) >= kPlainCharactersMax;
  return is_long ? ExponentText(number) : PlainText(number, 0);
}

std::optional<std::string> FixedText(const Decimal& number, int places, std::size_t bytes_max) {
  const Decimal rounded = RoundHalfUp(number, places);
  const auto limit = static_cast<std::int64_t>(std::min<std::size_t>(bytes_max, 1'000'000));
  if (rounded.magnitude > limit) return std::nullopt;
  std::string text = PlainText(rounded, static_cast<std::size_t>(places));
  if (text.size() > bytes_max) return std::nullopt;
  return text;
}

}  // namespace webhook::rules
