// SPDX-License-Identifier: LGPL-3.0-or-later
// What a rule or a callback asks Odoo to write, in the transaction of the settlement. Values are
// coerced already: schema/contract/README.md, "Values". Plain data.
#pragma once

#include <string>
#include <vector>

#include "lib/model/rule.h"
#include "lib/model/value.h"

namespace webhook::model {

enum class OperationKind { kCreate, kUpdate, kUpsert };

struct LookupKey {
  std::string field;  // or a path of fields with dots
  Value value;
};

struct RecordOperation {
  OperationKind kind = OperationKind::kCreate;
  std::string model;
  std::vector<LookupKey> lookup;  // not empty for update and upsert
  Value values = Value::ObjectOf({});
  RowId rule_id = 0;  // 0: a callback's
  LookupPolicy on_none = LookupPolicy::kError;
  LookupPolicy on_many = LookupPolicy::kError;
  bool include_archived = false;
};

}  // namespace webhook::model
