// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/operation_fields.h"

#include "lib/rules/coerce_number.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::FieldMetadata;
using model::FieldType;
using model::Value;

const FieldMeta* FindOwnField(const FieldMetadata& metadata, const std::string& model,
                              const std::string& field) {
  const auto fields = metadata.find(model);
  if (fields == metadata.end()) return nullptr;
  const auto found = fields->second.find(field);
  return found == fields->second.end() ? nullptr : &found->second;
}

bool IsRelation(FieldType type) {
  return type == FieldType::kMany2one || type == FieldType::kMany2many ||
         type == FieldType::kOne2many;
}

// Without metadata: any scalar, for Odoo to judge; but an id is a number.
Coerced CoerceUnknownKey(std::string_view path, const Value& value) {
  const bool is_id = path == "id" || path.ends_with(".id");
  return is_id ? CoerceInteger(value) : Coerced(value);
}

}  // namespace

const FieldMeta* FindField(const FieldMetadata& metadata, const std::string& model,
                           std::string_view path) {
  std::string at = model;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const FieldMeta* step = FindOwnField(metadata, at, std::string(path.substr(0, dot)));
    if (step == nullptr) return nullptr;
    at = step->relation;
    path.remove_prefix(dot + 1);
  }
  return FindOwnField(metadata, at, std::string(path));
}

base::Result<const FieldMeta*, std::string> WritableField(const FieldMetadata& metadata,
                                                          const std::string& model,
                                                          const std::string& field) {
  const FieldMeta* found = FindOwnField(metadata, model, field);
  if (found == nullptr) return "the execution user sees no such field of " + model;
  if (found->readonly) return std::string("the field cannot be written");
  return found;
}

Coerced CoerceKey(const FieldMetadata& metadata, const std::string& model, const std::string& path,
                  const Value& value) {
  const FieldMeta* field = FindField(metadata, model, path);
  const bool is_flag = field != nullptr && field->type == FieldType::kBoolean;
  const bool is_record = field != nullptr && IsRelation(field->type) && IsRecordForm(value);
  if (value.list() != nullptr || (value.object() != nullptr && !is_record)) {
    return CoercionError{"a single value"};
  }
  if (!is_record && !IsKey(value) && !(is_flag && value.bool_value() != nullptr)) return Value();
  if (field == nullptr) return CoerceUnknownKey(path, value);
  // Of a list of records it is one that the list holds.
  if (IsRelation(field->type)) return CoerceRecord(field->relation, value);
  return Coerce(*field, value);
}

bool OperationBudget::Spend(const Value& value) {
  const std::size_t bytes = model::DumpAsciiJson(value).size();
  if (bytes > bytes_left_) return false;
  bytes_left_ -= bytes;
  return true;
}

}  // namespace webhook::rules
