// SPDX-License-Identifier: LGPL-3.0-or-later
// What is wrong with one rule, as findings whose messages say which rule, which row, what is wrong
// and what to do. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/contract.h"
#include "lib/model/rule.h"

namespace webhook::rules {

inline constexpr std::size_t kFindingMessageBytesMax = 1000;

// Which row of the rule: `condition 2`. Rows are counted from 1, in their order on the form.
struct RuleRow {
  std::string_view kind;  // condition, lookup, assignment; empty: the rule as a whole
  std::size_t index = 0;  // from 0
};

class RuleFindings {
 public:
  // Borrows the rule.
  RuleFindings(model::RecordId handler_id, const model::Rule& rule)
      : handler_id_(handler_id), rule_(rule) {}

  // `message` goes on after "Rule "Paid", condition 2: ".
  void Error(RuleRow row, const std::string& message) { Add(row, message, true); }
  void Warning(RuleRow row, const std::string& message) { Add(row, message, false); }

  const model::Rule& rule() const { return rule_; }
  const std::vector<model::Finding>& all() const { return findings_; }

  // The first error's message, or empty.
  std::string problem() const;

 private:
  void Add(RuleRow row, const std::string& message, bool is_error);

  const model::RecordId handler_id_;
  const model::Rule& rule_;
  std::vector<model::Finding> findings_;
};

}  // namespace webhook::rules
