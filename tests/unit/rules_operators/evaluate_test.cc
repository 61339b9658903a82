// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/evaluate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/rules_operators/sample_rules.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test
using model::Operator;
using model::Phase;
using model::SourceKind;

namespace {

model::Condition StatusIs(const std::string& status) {
  return ConditionOf(PayloadAt("status"), Operator::kEquals, status);
}

// The name of the rule that matches, "none", or the error.
std::string Outcome(const model::Handler& handler, const std::string& payload,
                    Phase phase = Phase::kEvent) {
  const CompiledHandler compiled = Compile(handler);
  const model::Value value = Json(payload);
  Facts facts;
  facts.payload = &value;
  const Evaluation evaluation = Evaluate(compiled, phase, facts);
  if (evaluation.error) return *evaluation.error;
  return evaluation.matched == nullptr ? "none" : evaluation.matched->rule.name;
}

}  // namespace

TEST_CASE("the first rule whose conditions all hold wins") {
  const model::Handler handler = HandlerOf({
      RuleOf(1, "open", {StatusIs("open")}),
      RuleOf(2, "paid and large",
             {StatusIs("paid"), ConditionOf(PayloadAt("total"), Operator::kGreater, "100")}),
      RuleOf(3, "paid", {StatusIs("paid")}),
  });
  CHECK(Outcome(handler, R"({"status":"open"})") == "open");
  CHECK(Outcome(handler, R"({"status":"paid","total":100.01})") == "paid and large");
  CHECK(Outcome(handler, R"({"status":"paid","total":100})") == "paid");
  CHECK(Outcome(handler, R"({"status":"paid"})") == "paid");
  CHECK(Outcome(handler, R"({"status":"other"})") == "none");
  CHECK(Outcome(handler, R"([])") == "none");
}

TEST_CASE("rules are tried by sequence, then by id, however they come") {
  std::vector<model::Rule> rules{RuleOf(5, "e", {}, 20),  RuleOf(9, "b", {}, 10),
                                 RuleOf(3, "a", {}, 10),  RuleOf(-2, "d", {}, 10),
                                 RuleOf(-1, "c", {}, 10), RuleOf(1, "z", {}, -5)};
  std::sort(rules.begin(), rules.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  do {
    std::string order;
    for (const CompiledRule& rule : Compile(HandlerOf(rules)).rules) order += rule.rule.name;
    REQUIRE(order == "zabcde");  // rows not saved yet come last in their sequence
  } while (std::next_permutation(
      rules.begin(), rules.end(),
      [](const auto& left, const auto& right) { return left.name < right.name; }));
}

TEST_CASE("a rule without conditions matches everything") {
  CHECK(Outcome(HandlerOf({RuleOf(1, "any")}), "null") == "any");
  CHECK(Outcome(HandlerOf({}), "{}") == "none");
}

TEST_CASE("only rules of the phase are looked at") {
  model::Rule before = RuleOf(1, "before");
  before.phase = Phase::kBeforeSend;
  before.action = model::Action::kSend;
  model::Rule response = RuleOf(2, "response");
  response.phase = Phase::kResponse;
  const model::Handler handler = HandlerOf({before, response});
  CHECK(Outcome(handler, "{}", Phase::kBeforeSend) == "before");
  CHECK(Outcome(handler, "{}", Phase::kResponse) == "response");
  CHECK(Outcome(handler, "{}", Phase::kEvent) == "none");
}

TEST_CASE("an invalid rule stops the evaluation: no later rule wins in its place") {
  const model::Handler handler = HandlerOf({
      RuleOf(1, "open", {StatusIs("open")}),
      RuleOf(2, "broken", {ConditionOf(PayloadAt("status"), Operator::kMatches, "(")}),
      RuleOf(3, "rest"),
  });
  CHECK(Outcome(handler, R"({"status":"paid"})")
            .starts_with("invalid rule: Rule \"broken\", condition 1: the pattern \"(\""));
  CHECK(Outcome(handler, R"({"status":"open"})") == "open");  // it was not reached
}

TEST_CASE("a value that cannot be read is an error, not a condition that does not hold") {
  const model::Condition unreadable =
      ConditionOf(SourceOf(SourceKind::kEventField, "topic"), Operator::kEquals, "x");
  const CompiledHandler compiled =
      Compile(HandlerOf({RuleOf(1, "by topic", {unreadable}), RuleOf(2, "rest")}));
  CHECK(compiled.findings.empty());
  CHECK(compiled.needs == std::vector<std::string>{"event_field:topic"});

  const model::Value refused = Json(R"({"event_field:topic!":"Alice may not read topic"})");
  Facts facts;
  facts.fields = &refused;
  const Evaluation failed = Evaluate(compiled, Phase::kEvent, facts);
  CHECK(failed.matched == nullptr);
  REQUIRE(failed.error.has_value());
  CHECK(failed.error->starts_with("rule \"by topic\", condition 1: "));
  CHECK(failed.error->find("Alice may not read topic") != std::string::npos);

  const model::Value readable = Json(R"({"event_field:topic":"x"})");
  facts.fields = &readable;
  CHECK(Evaluate(compiled, Phase::kEvent, facts).matched == &compiled.rules[0]);
}

TEST_CASE("an earlier condition guards a later one that could not be read") {
  const CompiledHandler compiled = Compile(HandlerOf({
      RuleOf(1, "guarded",
             {StatusIs("paid"),
              ConditionOf(SourceOf(SourceKind::kEventField, "topic"), Operator::kIsSet)}),
      RuleOf(2, "rest"),
  }));
  const model::Value payload = Json(R"({"status":"open"})");
  Facts facts;
  facts.payload = &payload;
  CHECK(Evaluate(compiled, Phase::kEvent, facts).matched == &compiled.rules[1]);
}

TEST_CASE("five kinds of nothing are five things") {
  const std::vector<std::pair<std::string, std::string>> rows{{"{}", "missing"},
                                                              {R"({"x":null})", "null"},
                                                              {R"({"x":false})", "false"},
                                                              {R"({"x":0})", "zero"},
                                                              {R"({"x":""})", "empty"}};
  const auto json_is = [](const std::string& expected) {
    model::Condition condition = ConditionOf(PayloadAt("x"), Operator::kEquals, expected);
    condition.expected_is_json = true;
    return condition;
  };
  const model::Handler handler = HandlerOf({
      RuleOf(1, "null", {json_is("null")}),
      RuleOf(2, "false", {json_is("false")}),
      RuleOf(3, "zero", {json_is("0")}),
      RuleOf(4, "empty", {json_is("\"\"")}),
      RuleOf(5, "missing", {ConditionOf(PayloadAt("x"), Operator::kNotSet)}),
  });
  for (const auto& [payload, name] : rows) CHECK(Outcome(handler, payload) == name);
}
