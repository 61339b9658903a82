// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/planned_values.h"

#include <algorithm>
#include <utility>

#include "lib/rules/credential_source.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::FieldType;
using model::Value;

// Rows by their field, in the order in which the fields come first.
std::vector<FieldRows> ByField(const FieldRows& rows, std::size_t depth) {
  std::vector<FieldRows> groups;
  for (const FieldRow* row : rows) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const FieldRows& some) {
      return some.front()->path[depth] == row->path[depth];
    });
    if (group == groups.end()) group = groups.insert(groups.end(), FieldRows{});
    group->push_back(row);
  }
  return groups;
}

}  // namespace

Planned ReadRow(const FieldRow& row, const Facts& facts) {
  auto value = row.source->Read(facts);
  if (!value.ok()) {
    return PlaceError(row.place, ShownReadError(row.source->source(), value.error()));
  }
  return std::move(value).value();
}

bool IsSenderStructure(const FieldRow& row, const Value& value) {
  return value.object() != nullptr && !row.is_literal();
}

bool SaysNone(const Value& value) {
  const bool is_structure = value.list() != nullptr || value.object() != nullptr;
  return !value.is_missing() && !is_structure && !IsKey(value);
}

std::string_view ValuesPlanner::Way(const FieldRow& row) const {
  return row.path.size() > depth_ + 1 ? std::string_view(row.path[depth_ + 1]) : std::string_view();
}

Planned ValuesPlanner::Spend(const FieldRow& row, const Value& found, Coerced coerced) {
  if (!coerced.ok()) return MisfitError(row.place, found, coerced.error().expectation);
  if (!budget_.Spend(coerced.value())) {
    return PlaceError(row.place, "with this value the operation is larger than 2 MiB");
  }
  return std::move(coerced).value();
}

Planned ValuesPlanner::RecordValues(const std::string& model, const FieldRows& rows,
                                    const Facts& facts) {
  Value::Object values;
  for (const FieldRows& group : ByField(rows, depth_)) {
    Planned value = FieldValue(model, group, facts);
    if (!value.ok()) return value;
    if (value.value().is_missing()) continue;
    values.push_back({group.front()->path[depth_], std::move(value).value()});
  }
  return Value::ObjectOf(std::move(values));
}

Planned ValuesPlanner::FieldValue(const std::string& model, const FieldRows& rows,
                                  const Facts& facts) {
  const FieldRow& last = *rows.back();
  const auto found = WritableField(metadata_, model, last.path[depth_]);
  if (!found.ok()) return PlaceError(last.place, found.error());
  const FieldMeta& field = *found.value();
  if (field.type == FieldType::kOne2many) return Items(field, rows, facts);
  for (const FieldRow* row : rows) {
    const std::size_t below = row->path.size() - depth_ - 1;
    const bool is_relation =
        field.type == FieldType::kMany2one || field.type == FieldType::kMany2many;
    if (below > 0 && !is_relation) {
      return PlaceError(row->place, "the field is no relation: nothing can follow its name");
    }
    if (below > 1) {
      return PlaceError(row->place,
                        "only one field can follow a relation; write a path of fields "
                        "with dots");
    }
  }
  if (field.type == FieldType::kMany2one) return OneRecord(field, rows, facts);
  if (field.type == FieldType::kMany2many) return ManyRecords(field, rows, facts);
  return PlainValue(field, rows, facts);
}

// The last row that gives something.
Planned ValuesPlanner::PlainValue(const FieldMeta& field, const FieldRows& rows,
                                  const Facts& facts) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    Planned value = ReadRow(**row, facts);
    if (!value.ok()) return value;
    if (value.value().is_missing()) continue;
    return Spend(**row, value.value(), Coerce(field, value.value()));
  }
  return Value();
}

}  // namespace webhook::rules
