// SPDX-License-Identifier: LGPL-3.0-or-later
// The items of one2many among planned values.
#include <algorithm>
#include <optional>
#include <utility>

#include "lib/rules/coerce_list.h"
#include "lib/rules/planned_values.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::Value;

// An item is a record that exists, or a new one.
const FieldRow* RowBesideIdentity(const FieldRows& rows) {
  const auto is_identity = [](const FieldRow* row) {
    return row->path.size() == 2 && IsIdentity(row->path[1]);
  };
  const auto identities = std::count_if(rows.begin(), rows.end(), is_identity);
  if (identities == 0 || identities == static_cast<std::ptrdiff_t>(rows.size())) return nullptr;
  return *std::find_if_not(rows.begin(), rows.end(), is_identity);
}

bool HoldsObjects(const Value& value) {
  const Value::List* list = value.list();
  return value.object() != nullptr ||
         (list != nullptr && std::any_of(list->begin(), list->end(), [](const Value& item) {
            return item.object() != nullptr;
          }));
}

// The rows of a list's field: those that give the list, those that say what of each item to write.
struct ListRows {
  FieldRows lists;
  FieldRows items;
};

ListRows SplitRows(const FieldRows& rows) {
  ListRows split;
  for (const FieldRow* row : rows)
    (row->path.size() == 1 ? split.lists : split.items).push_back(row);
  return split;
}

// Why these rows cannot be written together.
std::optional<PlanError> RowsProblem(const ListRows& rows) {
  if (rows.lists.empty()) {
    const FieldRow& item = *rows.items.front();
    return PlaceError(item.place, "no row gives the list: add one with the target " + item.path[0]);
  }
  if (const FieldRow* row = RowBesideIdentity(rows.items)) {
    return PlaceError(row->place,
                      "an item is a record that exists, by its id, or a new one with "
                      "values: not both");
  }
  return std::nullopt;
}

// The last row that gives something, and what.
struct FoundList {
  const FieldRow* row;
  Value value;
};

base::Result<FoundList, PlanError> ReadList(const FieldRows& rows, const Facts& facts) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    Planned read = ReadRow(**row, facts);
    if (!read.ok()) return read.error();
    if (!read.value().is_missing()) return FoundList{*row, std::move(read).value()};
  }
  return FoundList{rows.back(), {}};
}

}  // namespace

Planned ValuesPlanner::ExistingItem(const std::string& model, const FieldRow& row,
                                    const Facts& facts) {
  FieldMeta record;
  record.relation = model;
  Planned value = ReadRow(row, facts);
  if (!value.ok()) return value;
  if (!IsKey(value.value())) return MisfitError(row.place, value.value(), "a record's id");
  return Spend(row, value.value(), RecordBy(record, row, value.value()));
}

Planned ValuesPlanner::Item(const std::string& model, const FieldRows& rows, const Value& item,
                            const Facts& facts) {
  Facts of_item = facts;
  of_item.item = &item;
  const FieldRow& last = *rows.back();
  if (IsIdentity(Way(last))) return ExistingItem(model, last, of_item);
  depth_ = 1;
  Planned values = RecordValues(model, rows, of_item);
  depth_ = 0;
  if (!values.ok()) return values;
  if (values.value().object()->empty()) {
    return PlaceError(rows.front()->place, "no row gives a value for the item");
  }
  return Value::ObjectOf({{"values", std::move(values).value()}});
}

Planned ValuesPlanner::NewItems(const FieldMeta& field, const FieldRows& rows,
                                const FieldRow& list_row, const Value& list, const Facts& facts) {
  const auto found = IsListForm(list) && !list_row.is_literal()
                         ? base::Result<ItemList, CoercionError>(CoercionError{"a list of items"})
                         : ItemsOf(list, list_row.mode);
  if (!found.ok()) return MisfitError(list_row.place, list, found.error().expectation);
  Value::List items;
  for (const Value& item : found.value().items) {
    Planned planned = Item(field.relation, rows, item, facts);
    if (!planned.ok()) {
      PlanError error = planned.error();
      error.place.row += ", item " + std::to_string(items.size() + 1);
      return error;
    }
    items.push_back(std::move(planned).value());
  }
  return RecordList(found.value().mode, std::move(items));
}

Planned ValuesPlanner::Items(const FieldMeta& field, const FieldRows& rows, const Facts& facts) {
  if (depth_ > 0) {
    return PlaceError(rows.back()->place, "a list inside the items of a list cannot be written");
  }
  const ListRows split = SplitRows(rows);
  if (auto problem = RowsProblem(split)) return std::move(*problem);
  auto found = ReadList(split.lists, facts);
  if (!found.ok()) return found.error();
  const auto& [row, value] = found.value();
  const bool adds_none = row->mode == model::ListMode::kAdd && SaysNone(value);
  if (value.is_missing() || adds_none) return Value();
  if (!split.items.empty() && !SaysNone(value)) {
    return NewItems(field, split.items, *row, value, facts);
  }
  if (HoldsObjects(value) && !row->is_literal()) {
    return MisfitError(row->place, value,
                       "ids of records; to make new ones, add rows such as " + row->path[0] +
                           "/name that say what of each item to write");
  }
  return Spend(*row, value, RecordsBy(field, *row, value));
}

}  // namespace webhook::rules
