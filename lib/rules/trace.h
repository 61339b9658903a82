// SPDX-License-Identifier: LGPL-3.0-or-later
// Why an evaluation came out as it did: each rule that was looked at, each condition with the value
// found and the verdict. Recorded cheaply; turned to text once. Pure; borrows the compiled handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/rule.h"
#include "lib/model/value.h"
#include "lib/rules/operators.h"

namespace webhook::rules {

struct CompiledCondition;
struct CompiledRule;

inline constexpr std::size_t kTraceBytesMax = 16'000;
inline constexpr std::size_t kTracedTextBytesMax = 200;  // of a value, an expectation, a name

class Trace {
 public:
  explicit Trace(model::Phase phase = model::Phase::kEvent) : phase_(phase) {}

  void AddRule(const CompiledRule& rule);
  // To the rule added last. Keeps the beginning of the value, or "(redacted)".
  void AddCondition(const CompiledCondition& condition, const model::Value& found,
                    const Verdict& verdict);
  void AddUnreadable(const CompiledCondition& condition, std::string_view error);
  // Why it stopped: exactly one of these comes last.
  void EndMatched();  // the rule added last
  void EndNoMatch();
  void EndError(std::string_view error);

  // A JSON object of kTraceBytesMax bytes at most, UTF-8:
  //   {"phase": "event", "outcome": "rule \"Paid\" matched", "rule_id": 5,
  //    "rules": [{"id": 5, "name": "Paid", "matched": true,
  //               "conditions": [{"source": "payload_path", "expression": "status",
  //                               "operator": "equals", "expected": "paid", "ignore_case": true,
  //                               "found": "\"paid\"", "holds": true, "reason": "…"}]}]}
  // `found` is JSON text, or the word missing, or (redacted). What does not fit is cut, earlier
  // rules first: "…truncated" stands in its place.
  std::string ToJson() const;

  // For people: one line a rule and a condition, the outcome last.
  std::vector<std::string> ToLines() const;

 private:
  struct Step {
    const CompiledCondition* condition;
    std::size_t found_begin;  // in texts_
    std::size_t found_end;
    std::string_view reason;
    bool holds;
    bool readable;
  };
  struct RuleSteps {
    const CompiledRule* rule;
    std::size_t first_step;
  };

  void AppendRule(std::string& json, std::size_t index, std::size_t bytes_max) const;
  void AppendStep(std::string& json, const Step& step) const;
  std::string_view TextOf(const Step& step) const;
  std::size_t StepsEnd(std::size_t rule_index) const;

  model::Phase phase_;
  std::vector<RuleSteps> rules_;
  std::vector<Step> steps_;
  std::string texts_;  // what was found, one after the other
  std::string outcome_;
  bool matched_ = false;
};

// A condition as the beginning of its JSON object: made once, used by every trace.
std::string TracePrefix(const model::Condition& condition, bool is_redacted);

}  // namespace webhook::rules
