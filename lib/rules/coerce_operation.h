// SPDX-License-Identifier: LGPL-3.0-or-later
// A callback's record operation, with values as plain JSON, in the contract's form. Pure, total,
// bounded: kFieldsMax of a record, kItemsMax of a list, kOperationBytesMax.
//
// Values as lib/rules/coerce.h says. Besides, an item of a list of records may be a new record:
// {"values": {"name": "…"}}, or plainly {"name": "…"} when it is none of the contract's forms of a
// record. Lists inside new records are not written. A missing value leaves its field out.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/record_operation.h"
#include "lib/model/rule.h"
#include "lib/rules/plan_error.h"

namespace webhook::rules {

// The operation's model must be among `allowed_models`; rule_id becomes 0.
base::Result<model::RecordOperation, PlanError> CoerceOperation(
    const model::RecordOperation& operation, const model::FieldMetadata& metadata,
    const std::vector<std::string>& allowed_models);

}  // namespace webhook::rules
