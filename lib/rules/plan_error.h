// SPDX-License-Identifier: LGPL-3.0-or-later
// Why a matched rule, or a callback's record operation, cannot be carried out: which row, which
// field, what was found and what fits. Pure, plain data.
#pragma once

#include <string>

#include "lib/model/value.h"

namespace webhook::rules {

// Where in a rule: `rule "New lead", assignment 3, item 2 (order_line/name)`. A callback's
// operation has no rule: its row is "create res.partner".
struct PlanPlace {
  std::string rule;
  std::string row;    // counted from 1; empty: the rule as a whole
  std::string field;  // as the row writes it; empty: none
};

struct PlanError {
  PlanPlace place;
  std::string value;         // JSON, the beginning; "missing"; empty: the value is not the problem
  std::string expectation;   // what fits; without a value a whole sentence
  bool dead_letter = false;  // the rule's policy says so: never to be tried again
};

PlanError MisfitError(PlanPlace place, const model::Value& found, std::string expectation);
PlanError PlaceError(PlanPlace place, std::string sentence);

// The same error of a value that may be a credential: what was found is not shown.
PlanError WithoutValue(PlanError error);

// One line for people:
//   rule "New lead", assignment 3 (expected_revenue): found "abc", expected a number such as 12.50
//   rule "New lead", assignment 4 (color): the execution user sees no such field of res.partner
std::string PlanErrorText(const PlanError& error);

}  // namespace webhook::rules
