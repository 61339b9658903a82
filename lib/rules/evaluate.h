// SPDX-License-Identifier: LGPL-3.0-or-later
// Which rule applies: the first of the phase, by (sequence, id), whose conditions all hold. Zero
// conditions hold. A rule's conditions are tried in their order until one does not hold, so that an
// earlier one guards a later one. Pure, total; bounded by the rows.
#pragma once

#include <optional>
#include <string>

#include "lib/model/rule.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/facts.h"
#include "lib/rules/trace.h"

namespace webhook::rules {

struct Evaluation {
  const CompiledRule* matched = nullptr;  // of the handler; null: none, or an error
  // The evaluation could not be finished, and no rule applies: an invalid rule was reached, or a
  // condition's value could not be read (a field that the user may not read, a template that does
  // not fit). One sentence that names the rule and the row.
  std::optional<std::string> error;
  Trace trace;
};

// Borrows the handler (matched, trace): the evaluation must not outlive it.
Evaluation Evaluate(const CompiledHandler& handler, model::Phase phase, const Facts& facts);

}  // namespace webhook::rules
