// SPDX-License-Identifier: LGPL-3.0-or-later
// Exact decimal numbers from their text; no floating point anywhere. Pure, total, plain value.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/model/value.h"

namespace webhook::rules {

// ±0.d1d2d3… × 10^magnitude. One number has one form: no zero at either end of the digits; zero has
// no digits, no sign and magnitude 0. So -0 is 0 and 1.10 is 1.1.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t magnitude = 0;

  bool is_zero() const { return digits.empty(); }
  bool operator==(const Decimal&) const = default;
};

// Exponents reach ±10^15. A number beyond is none: it is compared with nothing rather than wrongly.
inline constexpr std::int64_t kDecimalExponentMax = 1'000'000'000'000'000;

// A JSON number, or what people type: a sign + or -, leading zeros, ".5" and "5." too. No spaces,
// separators, hexadecimal, infinity. Empty when it is no number.
std::optional<Decimal> ParseDecimal(std::string_view text);

// Of a number, or of a text that is one.
std::optional<Decimal> DecimalOf(const model::Value& value);

// A total order; time and memory by the digits written, whatever the exponents.
std::strong_ordering Compare(const Decimal& left, const Decimal& right);

// Half away from zero, to that many places after the point (0 … 1000).
Decimal RoundHalfUp(const Decimal& number, int places);

bool IsInteger(const Decimal& number);
std::optional<std::int64_t> ToInteger(const Decimal& number);  // empty: a fraction, or too large

// The shortest text: 1.1, -0.05, 100; from 60 characters on with an exponent: 1e400, -1.25e-77.
std::string CanonicalText(const Decimal& number);

// Rounded half-up, with exactly that many places (0 … 1000): "12.50", never "-0.00". Empty when it
// takes more than `bytes_max`.
std::optional<std::string> FixedText(const Decimal& number, int places,
                                     std::size_t bytes_max = 400);

}  // namespace webhook::rules
