// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_list.h"

#include <algorithm>

#include "lib/rules/record_reference.h"

namespace webhook::rules {

using model::ListMode;
using model::Value;

Value RecordList(ListMode mode, Value::List items) {
  return Value::ObjectOf({{"mode", Value::Text(mode == ListMode::kAdd ? "add" : "replace")},
                          {"items", Value::ListOf(std::move(items))}});
}

bool IsListForm(const Value& value) {
  const Value::Object* object = value.object();
  if (object == nullptr || object->size() != 2) return false;
  const Value* mode = value.Find("mode");
  const Value* items = value.Find("items");
  return mode != nullptr && items != nullptr && items->list() != nullptr &&
         mode->text() != nullptr && (*mode->text() == "replace" || *mode->text() == "add");
}

base::Result<ItemList, CoercionError> ItemsOf(const Value& value, ListMode mode) {
  ItemList found{mode, {}};
  const Value::List* list = value.list();
  if (IsListForm(value)) {
    found.mode = *value.Find("mode")->text() == "add" ? ListMode::kAdd : ListMode::kReplace;
    list = value.Find("items")->list();
  }
  if (list != nullptr && list->size() > kItemsMax) {
    return CoercionError{"a list of at most " + std::to_string(kItemsMax) + " items"};
  }
  found.items = list != nullptr ? *list : Value::List{value};
  if (std::any_of(found.items.begin(), found.items.end(),
                  [](const Value& item) { return item.is_null() || item.is_missing(); })) {
    return CoercionError{"a list without null"};
  }
  return found;
}

Coerced CoerceRecords(const std::string& relation, const Value& value, ListMode mode) {
  auto found = ItemsOf(value, mode);
  if (!found.ok()) return found.error();
  Value::List records;
  for (const Value& item : found.value().items) {
    Coerced record = CoerceRecord(relation, item);
    if (!record.ok()) return record;
    records.push_back(std::move(record).value());
  }
  return RecordList(found.value().mode, std::move(records));
}

}  // namespace webhook::rules
