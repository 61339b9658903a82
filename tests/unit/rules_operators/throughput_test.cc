// SPDX-License-Identifier: LGPL-3.0-or-later
// How many events a core parses, evaluates and traces. The bar is 50,000/s on a core of its own;
// asserted is a fifth of it, as the machine is shared, and only of optimised builds.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/rules/evaluate.h"
#include "tests/unit/rules_operators/sample_rules.h"

using namespace webhook;         // NOLINT: a test
using namespace webhook::rules;  // NOLINT: a test
using model::Operator;

namespace {

// Ten rules of three conditions each; all but the last one fail at their third.
std::vector<model::Rule> TenRules() {
  std::vector<model::Rule> rules;
  for (int i = 1; i <= 10; ++i) {
    rules.push_back(RuleOf(i, "Rule " + std::to_string(i),
                           {ConditionOf(PayloadAt("type"), Operator::kEquals, "order.created"),
                            ConditionOf(PayloadAt("order.total"), Operator::kGreater, "100.50"),
                            ConditionOf(PayloadAt("order.customer.country"), Operator::kEquals,
                                        i == 10 ? "DE" : "C" + std::to_string(i))}));
  }
  return rules;
}

std::string OneKilobyte() {
  std::string payload =
      R"({"type":"order.created","id":"evt_01","created":"2026-11-24T10:00:00Z","order":{)"
      R"("number":"S0042","total":1299.90,"currency":"EUR","customer":{"name":"Ada Lovelace",)"
      R"("email":"ada@example.com","country":"DE","vat":null},"lines":[)";
  for (int i = 0; payload.size() < 930; ++i) {
    payload += (i > 0 ? "," : "") + std::string(R"({"sku":"SKU-100)") + std::to_string(i) +
               R"(","quantity":2,"price":19.95,"taxed":true})";
  }
  return payload + "],\"note\":\"\"}}";
}

}  // namespace

TEST_CASE("events a second on one core: parse, evaluate, trace") {
  const CompiledHandler handler = Compile(HandlerOf(TenRules()));
  REQUIRE(handler.findings.empty());
  const std::string body = OneKilobyte();
  base::SystemClock clock;
  std::size_t traced_bytes = 0;
  int events = 0;
  const auto start = clock.SteadyNow();
  auto spent = clock.SteadyNow() - start;
  for (; spent < std::chrono::milliseconds(400); spent = clock.SteadyNow() - start) {
    for (int i = 0; i < 100; ++i, ++events) {
      const auto payload = model::ParseJson(body);
      Facts facts;
      facts.payload = &payload.value();
      const Evaluation evaluation = Evaluate(handler, model::Phase::kEvent, facts);
      REQUIRE(evaluation.matched == &handler.rules[9]);
      traced_bytes += evaluation.trace.ToJson().size();
    }
  }
  const double rate = events / std::chrono::duration<double>(spent).count();
  MESSAGE("events/s: ", static_cast<long>(rate), ", payload bytes: ", body.size(),
          ", trace bytes: ", traced_bytes / static_cast<std::size_t>(events));
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(rate >= 10'000);
#endif
}
