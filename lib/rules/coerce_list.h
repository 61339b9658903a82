// SPDX-License-Identifier: LGPL-3.0-or-later
// Lists of records in the contract's form: {"mode": "replace", "items": [{"id": 5}, …]}. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "lib/rules/coerce.h"

namespace webhook::rules {

inline constexpr std::size_t kItemsMax = 1'000;  // of one list

model::Value RecordList(model::ListMode mode, model::Value::List items);

// {"mode": …, "items": […]} and nothing else.
bool IsListForm(const model::Value& value);

// The items of a value that stands for a list of records, and the mode that it has or is given: a
// list, a list in the contract's form, or a single item. More than kItemsMax, and an item that is
// null, are errors.
struct ItemList {
  model::ListMode mode = model::ListMode::kReplace;
  model::Value::List items;
};
base::Result<ItemList, CoercionError> ItemsOf(const model::Value& value, model::ListMode mode);

// Each item by CoerceRecord.
Coerced CoerceRecords(const std::string& relation, const model::Value& value, model::ListMode mode);

}  // namespace webhook::rules
