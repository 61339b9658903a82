// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/operators.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/base/assert.h"
#include "lib/rules/letter_case.h"
#include "lib/rules/literal.h"
#include "lib/rules/text_of.h"

namespace webhook::rules {
namespace {

using model::Operator;
using model::Value;

constexpr std::int64_t kPatternMemoryBytesMax = std::int64_t{2} << 20;

constexpr std::string_view kNothingThere = "nothing was found";
constexpr std::string_view kNoText = "what was found is no text";
constexpr std::string_view kNoContainer = "what was found is no text, list or object";
constexpr std::string_view kNoOrder = "what was found is no number and no date";
constexpr std::string_view kNoNumber = "a number is expected, and what was found is none";
constexpr std::string_view kNoDate = "a date is expected, and what was found is none";
constexpr std::string_view kOnlyTexts = "texts and keys are compared with texts only";

// The operators come in pairs: the second holds exactly when the first does not.
std::pair<Operator, bool> Unnegated(Operator op) {
  switch (op) {
    case Operator::kNotEquals:
      return {Operator::kEquals, true};
    case Operator::kNotSet:
      return {Operator::kIsSet, true};
    case Operator::kNotContains:
      return {Operator::kContains, true};
    case Operator::kNotIn:
      return {Operator::kIn, true};
    case Operator::kEquals:
    case Operator::kIsSet:
    case Operator::kContains:
    case Operator::kIn:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
    case Operator::kLess:
    case Operator::kLessOrEqual:
    case Operator::kStartsWith:
    case Operator::kEndsWith:
    case Operator::kMatches:
      return {op, false};
  }
  WEBHOOK_ASSERT(false);
}

bool IsOrdering(Operator op) {
  return op == Operator::kGreater || op == Operator::kGreaterOrEqual || op == Operator::kLess ||
         op == Operator::kLessOrEqual;
}

bool Holds(Operator ordering, std::strong_ordering order) {
  if (std::is_eq(order)) {
    return ordering == Operator::kGreaterOrEqual || ordering == Operator::kLessOrEqual;
  }
  const bool wants_greater =
      ordering == Operator::kGreater || ordering == Operator::kGreaterOrEqual;
  return std::is_gt(order) == wants_greater;
}

bool IsSet(const Value& value) {
  if (value.is_missing() || value.is_null()) return false;
  return value.text() == nullptr || !value.text()->empty();
}

// Linear, whatever the texts: std::string_view::find is not.
bool IsPart(std::string_view text, std::string_view part) {
  return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool HasText(const Operand& operand) {
  return operand.value.text() != nullptr || operand.value.number() != nullptr;
}

Verdict TextContains(Found& found, const Operand& expected) {
  if (!HasText(expected)) return {false, kOnlyTexts};
  return {IsPart(*found.folded(), expected.folded), {}};
}

Verdict ListContains(const Value::List& items, const Operand& expected, bool ignore_case) {
  const bool holds = std::ranges::any_of(items, [&](const Value& item) {
    Found found(item, ignore_case);
    return Equal(found, expected);
  });
  return {holds, {}};
}

Verdict ObjectContains(const Value::Object& members, const Operand& expected, bool ignore_case) {
  if (expected.value.text() == nullptr) return {false, kOnlyTexts};
  const bool holds = std::ranges::any_of(members, [&](const model::Member& member) {
    return (ignore_case ? LowerCase(member.key) : member.key) == expected.folded;
  });
  return {holds, {}};
}

Verdict Contains(Found& found, const Operand& expected) {
  if (found.value().is_missing()) return {false, kNothingThere};
  if (found.text()) return TextContains(found, expected);
  if (const auto* list = found.value().list()) {
    return ListContains(*list, expected, found.ignore_case());
  }
  if (const auto* object = found.value().object()) {
    return ObjectContains(*object, expected, found.ignore_case());
  }
  return {false, kNoContainer};
}

Verdict IsIn(Found& found, const std::vector<Operand>& expected) {
  const bool holds =
      std::ranges::any_of(expected, [&](const Operand& one) { return Equal(found, one); });
  return {holds, {}};
}

std::string_view WhyNoOrder(const Value& found, const Operand& expected) {
  if (found.is_missing()) return kNothingThere;
  if (found.text() == nullptr && found.number() == nullptr) return kNoOrder;
  return expected.decimal ? kNoNumber : kNoDate;
}

Verdict Ordered(Operator op, Found& found, const Operand& expected) {
  const auto order = Order(found, expected);
  if (!order) return {false, WhyNoOrder(found.value(), expected)};
  return {Holds(op, *order), {}};
}

Verdict Affix(Operator op, Found& found, const Operand& expected) {
  if (found.value().is_missing()) return {false, kNothingThere};
  const auto text = found.folded();
  if (!text) return {false, kNoText};
  const bool holds = op == Operator::kStartsWith ? text->starts_with(expected.folded)
                                                 : text->ends_with(expected.folded);
  return {holds, {}};
}

Verdict Matches(const Found& found, const re2::RE2& pattern) {
  if (found.value().is_missing()) return {false, kNothingThere};
  const auto text = found.text();
  if (!text) return {false, kNoText};
  return {re2::RE2::PartialMatch(re2::StringPiece(text->data(), text->size()), pattern), {}};
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!IsBlank(line)) lines.emplace_back(line);
  }
  return lines;
}

}  // namespace

// Fills expected_, as many as the operator takes.
std::string CompiledTest::ReadExpected(const model::Condition& condition) {
  const bool is_json = condition.expected_is_json;
  const bool takes_many = Unnegated(op_).first == Operator::kIn;
  if (Unnegated(op_).first == Operator::kIsSet) return {};
  if (takes_many && !is_json) {
    for (std::string& line : Lines(condition.expected)) {
      expected_.push_back(MakeOperand(Value::Text(std::move(line)), false, ignore_case_));
    }
    return expected_.empty() ? "no value is expected; write one a line" : std::string();
  }
  auto value = CompileLiteral(condition.expected, is_json);
  if (!value) return "the expected value: " + value.error();
  if (!takes_many) {
    expected_.push_back(MakeOperand(std::move(value).value(), is_json, ignore_case_));
    return {};
  }
  if (value.value().list() == nullptr) {
    return "the expected value is no JSON list; write [\"a\", \"b\"], or one value a line without "
           "the JSON switch";
  }
  for (Value& item : *value.value().list()) {
    expected_.push_back(MakeOperand(std::move(item), true, ignore_case_));
  }
  return expected_.empty() ? "no value is expected; the JSON list is empty" : std::string();
}

std::string CompiledTest::CheckExpected() {
  if (expected_.empty()) return {};
  const Operand& expected = expected_.front();
  const bool is_affix = op_ == Operator::kStartsWith || op_ == Operator::kEndsWith;
  if (IsOrdering(op_) && !expected.decimal && !expected.instant) {
    return "the expected value " + Shown(expected.value) +
           " has no order; write a number like 12.50, or a date like 2026-11-24 or "
           "2026-11-24T10:00:00Z";
  }
  if (is_affix && !HasText(expected)) {
    return "the expected value " + Shown(expected.value) + " is no text; write a text";
  }
  const bool is_part = is_affix || Unnegated(op_).first == Operator::kContains;
  if (is_part && expected.value.text() != nullptr && expected.value.text()->empty()) {
    warning_ = "the expected value is empty, and every text contains that; write a text";
  }
  return op_ == Operator::kMatches ? CompilePattern() : std::string();
}

std::string CompiledTest::CompilePattern() {
  const auto* text = expected_.front().value.text();
  if (text == nullptr) return "the pattern is no text; take the JSON switch off";
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!ignore_case_);
  options.set_max_mem(kPatternMemoryBytesMax);
  auto pattern = std::make_shared<const re2::RE2>(*text, options);
  if (!pattern->ok()) {
    return "the pattern " + Shown(expected_.front().value) + " is no RE2 pattern (" +
           pattern->error() + "); look-around and back references do not exist there";
  }
  pattern_ = std::move(pattern);
  return {};
}

base::Result<CompiledTest, std::string> CompiledTest::Compile(const model::Condition& condition) {
  CompiledTest test;
  test.op_ = condition.op;
  test.ignore_case_ = condition.ignore_case;
  std::string error = test.ReadExpected(condition);
  if (error.empty()) error = test.CheckExpected();
  if (!error.empty()) return error;
  return test;
}

Verdict CompiledTest::Test(const Value& value) const {
  const auto [op, is_negated] = Unnegated(op_);
  Found found(value, ignore_case_);
  Verdict verdict;
  switch (op) {
    case Operator::kEquals:
      verdict = {Equal(found, expected_.front()), {}};
      break;
    case Operator::kIsSet:
      verdict = {IsSet(value), {}};
      break;
    case Operator::kContains:
      verdict = Contains(found, expected_.front());
      break;
    case Operator::kIn:
      verdict = IsIn(found, expected_);
      break;
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
    case Operator::kLess:
    case Operator::kLessOrEqual:
      verdict = Ordered(op, found, expected_.front());
      break;
    case Operator::kStartsWith:
    case Operator::kEndsWith:
      verdict = Affix(op, found, expected_.front());
      break;
    case Operator::kMatches:
      verdict = Matches(found, *pattern_);
      break;
    case Operator::kNotEquals:
    case Operator::kNotSet:
    case Operator::kNotContains:
    case Operator::kNotIn:
      WEBHOOK_ASSERT(false);
  }
  if (is_negated) verdict.holds = !verdict.holds;
  return verdict;
}

}  // namespace webhook::rules
