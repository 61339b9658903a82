// SPDX-License-Identifier: LGPL-3.0-or-later
// Properties of the rule engine over random values and rules.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/rules/evaluate.h"
#include "tests/property/rules/random_rules.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test
using model::Operator;
using model::Value;

namespace {

constexpr std::uint64_t kRuns = 20'000;

std::optional<Operator> Negation(Operator op) {
  if (op == Operator::kEquals) return Operator::kNotEquals;
  if (op == Operator::kIsSet) return Operator::kNotSet;
  if (op == Operator::kContains) return Operator::kNotContains;
  if (op == Operator::kIn) return Operator::kNotIn;
  return std::nullopt;
}

Facts FactsOf(const Value& payload, const Value& headers) {
  Facts facts;
  facts.payload = &payload;
  facts.headers = &headers;
  return facts;
}

// What evaluate should find, from the definition: no stopping early, no trace.
struct Expected {
  const CompiledRule* matched = nullptr;
  bool is_error = false;
};

Expected ByDefinition(const CompiledHandler& handler, model::Phase phase, const Facts& facts) {
  for (const CompiledRule& rule : handler.rules) {
    if (rule.rule.phase != phase) continue;
    if (!rule.problem.empty()) return {nullptr, true};
    bool all_hold = true;
    for (const CompiledCondition& condition : rule.conditions) {
      if (!all_hold) continue;
      const auto found = condition.source.Read(facts);
      if (!found.ok()) return {nullptr, true};
      all_hold = condition.test.Test(found.value()).holds;
    }
    if (all_hold) return {&rule, false};
  }
  return {};
}

// What the trace's own verdicts add up to.
void CheckTrace(const Evaluation& evaluation) {
  const std::string text = evaluation.trace.ToJson();
  CHECK(text.size() <= kTraceBytesMax);
  const auto json = model::ParseJson(text);
  REQUIRE_MESSAGE(json.ok(), text);
  const Value* rule_id = json.value().Find("rule_id");
  CHECK((rule_id != nullptr) == (evaluation.matched != nullptr));
  if (rule_id != nullptr) {
    CHECK(rule_id->number()->text == std::to_string(evaluation.matched->rule.id));
  }
  const Value::List& rules = *json.value().Find("rules")->list();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool is_last = i + 1 == rules.size();
    if (rules[i].text() != nullptr) continue;  // …truncated
    bool all_hold = true;
    for (const Value& condition : *rules[i].Find("conditions")->list()) {
      all_hold = all_hold && *condition.Find("holds")->bool_value();
    }
    const bool is_matched = *rules[i].Find("matched")->bool_value();
    CHECK(is_matched == (is_last && evaluation.matched != nullptr));
    if (!(is_last && evaluation.error)) CHECK(is_matched == all_hold);
  }
  const std::string outcome = *json.value().Find("outcome")->text();
  CHECK(outcome.starts_with("error: ") == evaluation.error.has_value());
  CHECK(evaluation.trace.ToLines().back() == outcome);
}

}  // namespace

TEST_CASE("not(c) inverts c, on any value") {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    model::Condition condition = property::RandomCondition(random);
    const auto negation = Negation(condition.op);
    const auto test = CompiledTest::Compile(condition);
    if (!negation || !test.ok()) continue;
    condition.op = *negation;
    const auto negated = CompiledTest::Compile(condition);
    REQUIRE(negated.ok());
    const Value value = property::RandomValue(random, 3);
    REQUIRE(negated.value().Test(value).holds == !test.value().Test(value).holds);
    ++compared;
  }
  CHECK(compared > kRuns / 10);
}

TEST_CASE("of two things that can be ordered exactly one of <, =, > holds") {
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    model::Condition condition = property::RandomCondition(random);
    const Value value = property::RandomValue(random, 1);
    condition.op = Operator::kGreater;
    const auto greater = CompiledTest::Compile(condition);
    if (!greater.ok()) continue;
    const auto with = [&](Operator op) {
      condition.op = op;
      return CompiledTest::Compile(condition).value().Test(value);
    };
    if (!greater.value().Test(value).reason.empty()) {
      REQUIRE_FALSE(with(Operator::kLess).holds);
      REQUIRE_FALSE(with(Operator::kLessOrEqual).holds);
      REQUIRE_FALSE(with(Operator::kGreaterOrEqual).holds);
      continue;
    }
    REQUIRE(with(Operator::kGreater).holds == !with(Operator::kLessOrEqual).holds);
    REQUIRE(with(Operator::kLess).holds == !with(Operator::kGreaterOrEqual).holds);
    REQUIRE_FALSE((with(Operator::kGreater).holds && with(Operator::kLess).holds));
    if (with(Operator::kEquals).holds) {
      REQUIRE(with(Operator::kGreaterOrEqual).holds);
      REQUIRE(with(Operator::kLessOrEqual).holds);
    }
  }
}

TEST_CASE("every value equals itself as JSON, and is in a list of itself") {
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const auto value = model::ParseJson(model::DumpJson(property::RandomValue(random, 3)));
    REQUIRE(value.ok());
    const std::string json = model::DumpJson(value.value());
    model::Condition condition;
    condition.expected_is_json = true;
    condition.ignore_case = seed % 2 == 0;
    condition.op = Operator::kEquals;
    condition.expected = json;
    REQUIRE(CompiledTest::Compile(condition).value().Test(value.value()).holds);
    condition.op = Operator::kIn;
    condition.expected = "[0, " + json + "]";
    REQUIRE(CompiledTest::Compile(condition).value().Test(value.value()).holds);
    condition.op = Operator::kContains;
    condition.expected = json;
    REQUIRE(CompiledTest::Compile(condition).value().Test(Value::ListOf({value.value()})).holds);
  }
}

TEST_CASE("comparing decimals is a total order") {
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    std::vector<Decimal> numbers;
    for (int i = 0; i < 3; ++i) {
      const std::string text = property::RandomNumberText(random);
      const auto number = ParseDecimal(text);
      REQUIRE_MESSAGE(number.has_value(), text);
      REQUIRE(ParseDecimal(CanonicalText(*number)) == number);
      numbers.push_back(*number);
    }
    const Decimal& a = numbers[0];
    const Decimal& b = numbers[1];
    const Decimal& c = numbers[2];
    REQUIRE(Compare(a, a) == 0);
    REQUIRE((Compare(a, b) < 0) == (Compare(b, a) > 0));
    REQUIRE((Compare(a, b) == 0) == (a == b));
    if (Compare(a, b) <= 0 && Compare(b, c) <= 0) REQUIRE(Compare(a, c) <= 0);
  }
}

TEST_CASE("small decimals are ordered as integers of hundredths are") {
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const auto left = static_cast<std::int64_t>(random.Next() % 4001) - 2000;
    const auto right = static_cast<std::int64_t>(random.Next() % 4001) - 2000;
    const auto hundredths = [](std::int64_t count) {
      return *ParseDecimal(std::to_string(count) + "e-2");
    };
    REQUIRE((Compare(hundredths(left), hundredths(right)) < 0) == (left < right));
    REQUIRE((Compare(hundredths(left), hundredths(right)) == 0) == (left == right));
    const std::int64_t magnitude = left < 0 ? -left : left;
    const std::int64_t rounded = (magnitude + 50) / 100 * (left < 0 ? -1 : 1);
    REQUIRE(ToInteger(RoundHalfUp(hundredths(left), 0)) == rounded);
  }
}

TEST_CASE("evaluate finds what the definition says, and the trace agrees") {
  int matched = 0;
  int none = 0;
  int errors = 0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    const bool wild = seed % 2 == 0;
    const CompiledHandler handler = Compile(property::RandomHandler(random, wild));
    const Value payload = property::RandomValue(random, 4);
    const Value headers = property::RandomValue(random, 1);
    const Facts facts = FactsOf(payload, headers);
    for (const auto phase :
         {model::Phase::kEvent, model::Phase::kBeforeSend, model::Phase::kResponse}) {
      const Evaluation evaluation = Evaluate(handler, phase, facts);
      const Expected expected = ByDefinition(handler, phase, facts);
      REQUIRE(evaluation.matched == expected.matched);
      REQUIRE(evaluation.error.has_value() == expected.is_error);
      if (seed % 4 < 2) CheckTrace(evaluation);
      matched += evaluation.matched != nullptr ? 1 : 0;
      errors += evaluation.error ? 1 : 0;
      none += evaluation.matched == nullptr && !evaluation.error ? 1 : 0;
    }
    CHECK(handler.findings.size() <= kFindingsMax);
  }
  CHECK(matched > 500);
  CHECK(none > 500);
  CHECK(errors > 500);
}
