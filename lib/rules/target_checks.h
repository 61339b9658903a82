// SPDX-License-Identifier: LGPL-3.0-or-later
// The fields that a rule writes and looks up, against the metadata of what its execution user sees.
// Targets are read as lib/rules/plan.h says. Pure.
#pragma once

#include <string>
#include <vector>

#include "lib/model/rule.h"
#include "lib/rules/rule_findings.h"

namespace webhook::rules {

// The fields of a target: order_line, product_id, default_code.
std::vector<std::string> TargetSteps(const std::string& target);

// Whether the target is a field of a list's items (or the list that an item is in).
bool IsOfItem(const model::FieldMetadata& metadata, const model::Rule& rule,
              const model::Assignment& assignment);

// Every field that the rule's lookups and assignments name exists and may be written; what a new
// record requires has a value. Precondition: a record action.
void CheckTargets(RuleFindings& findings, const model::FieldMetadata& metadata);

}  // namespace webhook::rules
