// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_operation.h"

#include <algorithm>
#include <utility>

#include "lib/model/spelling.h"
#include "lib/rules/coerce_list.h"
#include "lib/rules/operation_fields.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::FieldType;
using model::OperationKind;
using model::RecordOperation;
using model::Value;

using Checked = base::Result<Value, PlanError>;

constexpr std::size_t kLookupKeysMax = 20;

// The values of a new record among the items of a list, or null when the item names one.
const Value* NewRecord(const Value& item) {
  if (item.object() == nullptr || IsRecordForm(item)) return nullptr;
  const Value* values = item.Find("values");
  const bool is_form = values != nullptr && item.object()->size() == 1;
  return is_form ? values : &item;
}

class OperationCoercer {
 public:
  OperationCoercer(const model::FieldMetadata& metadata, std::string row)
      : metadata_(metadata), row_(std::move(row)) {}

  // `above`: what the fields' names follow: "order_line/".
  Checked RecordValues(const std::string& model, const Value& values, const std::string& above) {
    if (values.object() == nullptr) {
      return MisfitError({"", row_, above}, values, "an object of fields and values");
    }
    if (values.object()->size() > kFieldsMax) {
      return PlaceError({"", row_, above}, "more than 1000 fields of one record");
    }
    Value::Object coerced;
    for (const auto& [field, value] : *values.object()) {
      if (value.is_missing()) continue;
      Checked checked = FieldValue(model, field, value, above);
      if (!checked.ok()) return checked;
      coerced.push_back({field, std::move(checked).value()});
    }
    return Value::ObjectOf(std::move(coerced));
  }

 private:
  using FieldMetadata = model::FieldMetadata;

  Checked FieldValue(const std::string& model, const std::string& name, const Value& value,
                     const std::string& above) {
    const PlanPlace place{"", row_, above + name};
    const auto field = WritableField(metadata_, model, name);
    if (!field.ok()) return PlaceError(place, field.error());
    const FieldMeta& meta = *field.value();
    const bool is_list = meta.type == FieldType::kOne2many || meta.type == FieldType::kMany2many;
    if (is_list && HasNewRecords(value)) return List(meta, value, place);
    Coerced coerced = Coerce(meta, value);
    if (!coerced.ok()) return MisfitError(place, value, coerced.error().expectation);
    return Spend(std::move(coerced).value(), place);
  }

  static bool HasNewRecords(const Value& value) {
    const auto found = ItemsOf(value, model::ListMode::kReplace);
    return found.ok() && std::any_of(found.value().items.begin(), found.value().items.end(),
                                     [](const Value& item) { return NewRecord(item) != nullptr; });
  }

  Checked List(const FieldMeta& meta, const Value& value, const PlanPlace& place) {
    if (inside_item_) {
      return PlaceError(place, "new records inside the items of a list cannot be written");
    }
    auto found = ItemsOf(value, model::ListMode::kReplace);
    Value::List items;
    for (const Value& item : found.value().items) {
      Checked checked = Item(meta, item, place);
      if (!checked.ok()) return checked;
      items.push_back(std::move(checked).value());
    }
    return RecordList(found.value().mode, std::move(items));
  }

  Checked Item(const FieldMeta& meta, const Value& item, const PlanPlace& place) {
    if (const Value* values = NewRecord(item)) {
      inside_item_ = true;
      Checked checked = RecordValues(meta.relation, *values, place.field + "/");
      inside_item_ = false;
      if (!checked.ok()) return checked;
      return Value::ObjectOf({{"values", std::move(checked).value()}});
    }
    Coerced record = CoerceRecord(meta.relation, item);
    if (!record.ok()) return MisfitError(place, item, record.error().expectation);
    return Spend(std::move(record).value(), place);
  }

  Checked Spend(Value value, const PlanPlace& place) {
    if (budget_.Spend(value)) return value;
    return PlaceError(place, "with this value the operation is larger than 2 MiB");
  }

  const FieldMetadata& metadata_;
  const std::string row_;
  OperationBudget budget_;
  bool inside_item_ = false;
};

base::Result<std::vector<model::LookupKey>, PlanError> CheckLookup(
    const RecordOperation& operation, const model::FieldMetadata& metadata,
    const std::string& row) {
  if (operation.kind == OperationKind::kCreate) return std::vector<model::LookupKey>{};
  if (operation.lookup.empty() || operation.lookup.size() > kLookupKeysMax) {
    return PlaceError({"", row, ""}, "from 1 to 20 lookup keys are needed");
  }
  std::vector<model::LookupKey> keys;
  for (const model::LookupKey& key : operation.lookup) {
    const PlanPlace place{"", row + ", lookup", key.field};
    if (key.field.empty()) return PlaceError(place, "the lookup key has no field");
    Coerced value = CoerceKey(metadata, operation.model, key.field, key.value);
    if (!value.ok()) return MisfitError(place, key.value, value.error().expectation);
    if (value.value().is_missing()) {
      return MisfitError(place, key.value, "a value, as the record is looked up by it");
    }
    keys.push_back({key.field, std::move(value).value()});
  }
  return keys;
}

std::string ModelProblem(const RecordOperation& operation,
                         const std::vector<std::string>& allowed_models) {
  const auto& allowed = allowed_models;
  if (std::find(allowed.begin(), allowed.end(), operation.model) != allowed.end()) return {};
  return "the model is not among those that the handler allows its callback";
}

}  // namespace

base::Result<RecordOperation, PlanError> CoerceOperation(
    const RecordOperation& operation, const model::FieldMetadata& metadata,
    const std::vector<std::string>& allowed_models) {
  const std::string row = std::string(model::Spelling(operation.kind)) + " " + operation.model;
  if (std::string problem = ModelProblem(operation, allowed_models); !problem.empty()) {
    return PlaceError({"", row, ""}, std::move(problem));
  }
  auto lookup = CheckLookup(operation, metadata, row);
  if (!lookup.ok()) return lookup.error();
  Checked values =
      OperationCoercer(metadata, row).RecordValues(operation.model, operation.values, "");
  if (!values.ok()) return values.error();
  RecordOperation coerced = operation;
  coerced.lookup = std::move(lookup).value();
  coerced.values = std::move(values).value();
  coerced.rule_id = 0;
  return coerced;
}

}  // namespace webhook::rules
