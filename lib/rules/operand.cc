// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/operand.h"

#include <algorithm>
#include <utility>

#include "lib/rules/letter_case.h"

namespace webhook::rules {
namespace {

using model::Value;

// Folding a letter changes its bytes from at most four to at least one.
constexpr std::size_t kFoldedShrinkMax = 4;

std::optional<std::string_view> PlainText(const Value& value) {
  if (const auto* text = value.text()) return std::string_view(*text);
  if (const auto* number = value.number()) return std::string_view(number->text);
  return std::nullopt;
}

bool SameInstant(const std::optional<Instant>& left, const std::optional<Instant>& right) {
  return left && right && std::is_eq(Compare(*left, *right));
}

// Numbers beyond all exponents are equal only as they are written.
bool SameNumber(const model::Number& left, const model::Number& right) {
  if (left.text == right.text) return true;
  const auto number = ParseDecimal(left.text);
  return number && number == ParseDecimal(right.text);
}

bool SameText(const std::string& found, const std::string& expected, bool ignore_case) {
  if (found == expected) return true;
  if (ignore_case && found.size() <= kFoldedShrinkMax * expected.size() &&
      LowerCase(found) == LowerCase(expected)) {
    return true;
  }
  return SameInstant(ParseInstant(expected), ParseInstant(found));
}

bool SameJson(const Value& found, const Value& expected, bool ignore_case);

bool SameMembers(const Value::Object& found, const Value::Object& expected, bool ignore_case) {
  if (found.size() != expected.size()) return false;
  return std::ranges::all_of(expected, [&](const model::Member& wanted) {
    return std::ranges::any_of(found, [&](const model::Member& member) {
      const bool same_key = member.key == wanted.key ||
                            (ignore_case && LowerCase(member.key) == LowerCase(wanted.key));
      return same_key && SameJson(member.value, wanted.value, ignore_case);
    });
  });
}

bool SameItems(const Value::List& found, const Value::List& expected, bool ignore_case) {
  return std::ranges::equal(found, expected, [&](const Value& left, const Value& right) {
    return SameJson(left, right, ignore_case);
  });
}

// As deep as the expected value, which was parsed: bounded.
bool SameJson(const Value& found, const Value& expected, bool ignore_case) {
  if (const auto* number = expected.number()) {
    return found.number() != nullptr && SameNumber(*found.number(), *number);
  }
  if (const auto* text = expected.text()) {
    return found.text() != nullptr && SameText(*found.text(), *text, ignore_case);
  }
  if (const auto* list = expected.list()) {
    return found.list() != nullptr && SameItems(*found.list(), *list, ignore_case);
  }
  if (const auto* object = expected.object()) {
    return found.object() != nullptr && SameMembers(*found.object(), *object, ignore_case);
  }
  return !expected.is_missing() && found == expected;  // null, true, false
}

bool EqualText(Found& found, const Operand& expected) {
  if (expected.value.text() == nullptr) return false;
  if (found.folded() == expected.folded) return true;
  return expected.instant && SameInstant(found.instant(), expected.instant);
}

bool EqualNumber(Found& found, const Operand& expected) {
  if (expected.is_typed && expected.value.number() == nullptr) return false;
  if (found.text() == PlainText(expected.value)) return true;
  return expected.decimal && found.decimal() == expected.decimal;
}

bool EqualBoolean(bool found, const Operand& expected) {
  if (const bool* wanted = expected.value.bool_value()) return found == *wanted;
  return !expected.is_typed && expected.folded == (found ? "true" : "false");
}

}  // namespace

Operand MakeOperand(Value value, bool is_typed, bool ignore_case) {
  Operand operand;
  if (const auto text = PlainText(value)) {
    operand.folded = ignore_case ? LowerCase(*text) : std::string(*text);
  }
  operand.decimal = DecimalOf(value);
  if (value.text() != nullptr) operand.instant = ParseInstant(*value.text());
  operand.value = std::move(value);
  operand.is_typed = is_typed;
  return operand;
}

std::optional<std::string_view> Found::text() const { return PlainText(value_); }

std::optional<std::string_view> Found::folded() {
  const auto plain = text();
  if (!plain || !ignore_case_) return plain;
  if (!folded_) folded_ = LowerCase(*plain);
  return *folded_;
}

const std::optional<Decimal>& Found::decimal() {
  if (!decimal_) decimal_.emplace(DecimalOf(value_));
  return *decimal_;
}

const std::optional<Instant>& Found::instant() {
  if (!instant_) {
    instant_.emplace(value_.text() != nullptr ? ParseInstant(*value_.text()) : std::nullopt);
  }
  return *instant_;
}

bool Equal(Found& found, const Operand& expected) {
  if (found.value().text() != nullptr) return EqualText(found, expected);
  if (found.value().number() != nullptr) return EqualNumber(found, expected);
  if (const bool* value = found.value().bool_value()) return EqualBoolean(*value, expected);
  return expected.is_typed && SameJson(found.value(), expected.value, found.ignore_case());
}

std::optional<std::strong_ordering> Order(Found& found, const Operand& expected) {
  if (expected.decimal) {
    if (!found.decimal()) return std::nullopt;
    return Compare(*found.decimal(), *expected.decimal);
  }
  if (expected.instant && found.instant()) return Compare(*found.instant(), *expected.instant);
  return std::nullopt;
}

}  // namespace webhook::rules
