// SPDX-License-Identifier: LGPL-3.0-or-later
// The two sides of a comparison and how they are equal or ordered: the table of
// lib/rules/operators.h. Pure and total; time by the size of what is expected, times that of a
// text.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "lib/model/value.h"
#include "lib/rules/decimal.h"
#include "lib/rules/instant.h"

namespace webhook::rules {

// What is expected, and what comparing needs of it, worked out once.
struct Operand {
  model::Value value;
  bool is_typed = false;           // JSON; else typed in
  std::string folded;              // of a text or a number: its text, as it is compared
  std::optional<Decimal> decimal;  // of a number, or a text that is one
  std::optional<Instant> instant;  // of a text that is one
};

Operand MakeOperand(model::Value value, bool is_typed, bool ignore_case);

// What was found; works out each form at most once, however many it is compared with. Borrows.
class Found {
 public:
  Found(const model::Value& value, bool ignore_case) : value_(value), ignore_case_(ignore_case) {}

  const model::Value& value() const { return value_; }
  bool ignore_case() const { return ignore_case_; }

  // Of a text, or of a number as it was written; empty when there is none.
  std::optional<std::string_view> text() const;
  std::optional<std::string_view> folded();
  const std::optional<Decimal>& decimal();
  const std::optional<Instant>& instant();

 private:
  const model::Value& value_;
  const bool ignore_case_;
  std::optional<std::string> folded_;
  std::optional<std::optional<Decimal>> decimal_;
  std::optional<std::optional<Instant>> instant_;
};

bool Equal(Found& found, const Operand& expected);

// Empty: they have no order.
std::optional<std::strong_ordering> Order(Found& found, const Operand& expected);

}  // namespace webhook::rules
