// SPDX-License-Identifier: LGPL-3.0-or-later
// The fifteen operators of a condition: does the value found stand in this relation to what the
// administrator expects? Compiled once, then pure and total; one compiled test may be used by
// several threads.
//
// What is expected is *typed in* (a text without a type) or, with the row's JSON switch, a JSON
// value with one. Equality, also of each member in `in` and `contains`:
//
//   found     | typed in                                  | JSON
//   ----------|-------------------------------------------|--------------------------------------
//   missing   | never                                     | never
//   null      | never                                     | null
//   boolean   | true, false                               | the same boolean
//   number    | the same number: 1.10 is 1.1, -0 is 0     | the same number, never a text
//   text      | the same text ("1.10" is not "1.1"), or   | a text, likewise; never a number,
//             | two dates of ISO 8601 of one instant      | boolean or null
//   list,     | never                                     | the same members, each equal by this
//   object    |                                           | table; keys in any order
//
//   is_set            neither missing, null nor "": false, 0, [] and {} are values.
//   contains          text: a part of it. List: one of its members. Object: one of its keys.
//   in                equal to one of the lines (blank ones do not count), or of a JSON list.
//   gt, gte, lt, lte  both numbers, or texts that are: exactly. Both dates: as instants, a date
//                     alone being its midnight UTC, no zone being UTC. Anything else cannot be
//                     compared: false, with a reason.
//   starts_with, ends_with, matches   of a text. `matches` is RE2, anywhere in the text.
//
// A number is its text, as it was written, to contains, starts_with, ends_with and matches.
// not_equals, not_set, not_contains and not_in hold exactly when the other does not, on any value.
// The case switch folds every comparison of texts, `true`, `false` and keys too, as the filter
// `lower` does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/rule.h"
#include "lib/model/value.h"
#include "lib/rules/operand.h"

namespace re2 {
class RE2;
}

namespace webhook::rules {

struct Verdict {
  bool holds = false;
  std::string_view reason;  // why nothing could be compared; a literal; empty: it was compared
};

class CompiledTest {
 public:
  // The error says what is wrong with the expected value and what to do. A condition's source is
  // not looked at.
  static base::Result<CompiledTest, std::string> Compile(const model::Condition& condition);

  Verdict Test(const model::Value& found) const;

  // A mistake that is not an error: "every text contains an empty one". Empty: none.
  const std::string& warning() const { return warning_; }

 private:
  CompiledTest() = default;
  std::string ReadExpected(const model::Condition& condition);  // the error, or empty
  std::string CheckExpected();
  std::string CompilePattern();

  model::Operator op_ = model::Operator::kEquals;
  bool ignore_case_ = false;
  std::vector<Operand> expected_;  // one; of in and not_in any number; of is_set and not_set none
  std::shared_ptr<const re2::RE2> pattern_;
  std::string warning_;
};

}  // namespace webhook::rules
