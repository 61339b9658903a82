// SPDX-License-Identifier: LGPL-3.0-or-later
// The records among planned values: many2one and many2many.
#include <algorithm>
#include <utility>

#include "lib/rules/coerce_list.h"
#include "lib/rules/planned_values.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::ListMode;
using model::LookupKey;
using model::Value;

bool IsLookupWay(std::string_view way) { return !way.empty() && !IsIdentity(way); }

// A row's key, and what it was made of.
struct FoundKey {
  const FieldRow* row;
  LookupKey key;
  Value found;  // where the key is missing
};

bool HasKey(const FoundKey& found) { return !found.key.value.is_missing(); }

// One record by all keys. Without any key: missing, or false when one of them was null.
Planned RecordByKeys(const FieldMeta& field, const std::vector<FoundKey>& keys) {
  if (std::none_of(keys.begin(), keys.end(), HasKey)) {
    const bool clears = std::any_of(keys.begin(), keys.end(),
                                    [](const FoundKey& key) { return SaysNone(key.found); });
    return clears ? Value::Bool(false) : Value();
  }
  std::vector<LookupKey> lookup;
  for (const FoundKey& found : keys) {
    if (!HasKey(found)) {
      return MisfitError(found.row->place, found.found,
                         "a value, as the record is looked up by all its keys");
    }
    lookup.push_back(found.key);
  }
  return LookupRecord(field.relation, lookup);
}

// `added` behind what the rows before gave. Replaces it unless the row adds to a list.
Value Combined(Value before, Value added, ListMode mode) {
  Value::Object* present = before.object();
  const Value::Object* more = added.object();
  if (mode == ListMode::kReplace || before.is_missing() || more == nullptr) return added;
  if (present == nullptr) {  // cleared before: the list takes its place
    return RecordList(ListMode::kReplace, *added.Find("items")->list());
  }
  Value::List items = *before.Find("items")->list();
  for (const Value& item : *added.Find("items")->list()) items.push_back(item);
  before.Set("items", Value::ListOf(std::move(items)));
  return before;
}

}  // namespace

// ---- many2one

Planned ValuesPlanner::ReadKey(const FieldMeta& field, const FieldRow& row, const Facts& facts) {
  Planned value = ReadRow(row, facts);
  if (!value.ok() || value.value().is_missing()) return value;
  if (IsSenderStructure(row, value.value())) {
    return MisfitError(row.place, value.value(), "a single value");
  }
  Coerced key = CoerceKey(metadata_, field.relation, std::string(Way(row)), value.value());
  if (key.ok() && key.value().is_missing()) return Value::Bool(false);
  return Spend(row, value.value(), std::move(key));
}

// From the last row back, until one gives something.
Planned ValuesPlanner::OneRecord(const FieldMeta& field, const FieldRows& rows,
                                 const Facts& facts) {
  std::vector<FoundKey> keys;  // of the rows that look up, behind those tried yet
  for (auto at = rows.rbegin(); at != rows.rend(); ++at) {
    const FieldRow& row = **at;
    if (IsLookupWay(Way(row))) {
      Planned key = ReadKey(field, row, facts);
      if (!key.ok()) return key;
      const auto same = std::find_if(keys.begin(), keys.end(), [&](const FoundKey& found) {
        return found.key.field == Way(row);
      });
      if (same != keys.end() && !same->key.value.is_missing()) continue;
      if (same != keys.end()) keys.erase(same);
      keys.insert(keys.begin(), {&row, {std::string(Way(row)), {}}, key.value()});
      if (IsKey(key.value()) || key.value().object() != nullptr) {
        keys.front().key.value = std::move(key).value();
      }
      continue;
    }
    Planned looked_up = RecordByKeys(field, keys);
    if (!looked_up.ok() || !looked_up.value().is_missing()) return looked_up;
    keys.clear();
    Planned value = ReadRow(row, facts);
    if (!value.ok()) return value;
    if (value.value().is_missing()) continue;
    return Spend(row, value.value(), RecordBy(field, row, value.value()));
  }
  return RecordByKeys(field, keys);
}

Coerced ValuesPlanner::RecordBy(const FieldMeta& field, const FieldRow& row,
                                const Value& value) const {
  if (IsSenderStructure(row, value)) {
    return CoercionError{"the id or external id of a record, not an object"};
  }
  FieldMeta one = field;
  one.type = model::FieldType::kMany2one;
  const std::string_view way = Way(row);
  const bool is_empty = SaysNone(value);
  if (way.empty() || (is_empty && !IsLookupWay(way))) return Coerce(one, value);
  if (way == ".id") return CoerceDatabaseId(value);
  if (way == "id") return CoerceExternalId(value);
  Coerced key = CoerceKey(metadata_, field.relation, std::string(way), value);
  if (!key.ok()) return key;
  if (key.value().is_missing()) return Value::Bool(false);
  return LookupRecord(field.relation, {{std::string(way), std::move(key).value()}});
}

// ---- many2many

Coerced ValuesPlanner::RecordsBy(const FieldMeta& field, const FieldRow& row,
                                 const Value& value) const {
  if (row.is_literal() && IsListForm(value)) return Coerce(field, value, row.mode);
  if (value.list() == nullptr) {
    Coerced record = RecordBy(field, row, value);
    const bool clears = record.ok() && record.value().bool_value() != nullptr;
    if (!record.ok() || clears) return record;
    return RecordList(row.mode, {std::move(record).value()});
  }
  auto found = ItemsOf(value, row.mode);
  if (!found.ok()) return found.error();
  Value::List records;
  for (const Value& item : found.value().items) {
    Coerced record = RecordBy(field, row, item);
    if (!record.ok()) return record;
    if (record.value().bool_value() != nullptr) return CoercionError{"a list without empty items"};
    records.push_back(std::move(record).value());
  }
  return RecordList(row.mode, std::move(records));
}

Planned ValuesPlanner::ManyRecords(const FieldMeta& field, const FieldRows& rows,
                                   const Facts& facts) {
  Value records;
  for (const FieldRow* row : rows) {
    Planned value = ReadRow(*row, facts);
    if (!value.ok()) return value;
    if (value.value().is_missing()) continue;
    if (row->mode == ListMode::kAdd && SaysNone(value.value())) continue;  // nothing to add
    Planned added = Spend(*row, value.value(), RecordsBy(field, *row, value.value()));
    if (!added.ok()) return added;
    records = Combined(std::move(records), std::move(added).value(), row->mode);
    const Value* items = records.Find("items");
    if (items != nullptr && items->list()->size() > kItemsMax) {
      return PlaceError(row->place, "the rows give more than 1000 records");
    }
  }
  return records;
}

}  // namespace webhook::rules
