// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce.h"

#include <algorithm>
#include <string_view>

#include "lib/rules/blanks.h"
#include "lib/rules/coerce_list.h"
#include "lib/rules/coerce_number.h"
#include "lib/rules/coerce_text.h"
#include "lib/rules/coerce_time.h"
#include "lib/rules/decimal.h"
#include "lib/rules/letter_case.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::FieldType;
using model::Value;

constexpr std::size_t kPropertiesMax = 200;

// 1 and 0, however they are written.
Coerced CoerceBoolean(const Value& value) {
  if (value.bool_value() != nullptr) return value;
  if (const model::Number* number = value.number()) {
    const auto decimal = ParseDecimal(number->text);
    const auto whole = decimal ? ToInteger(*decimal) : std::nullopt;
    if (whole == 0 || whole == 1) return Value::Bool(whole == 1);
  }
  if (const std::string* text = value.text()) {
    const std::string lower = LowerCase(*text);
    if (lower == "true" || lower == "yes" || lower == "1") return Value::Bool(true);
    if (lower == "false" || lower == "no" || lower == "0") return Value::Bool(false);
  }
  return CoercionError{"true or false, yes or no, 1 or 0"};
}

bool IsScalar(const Value& value) {
  return !value.is_missing() && value.list() == nullptr && value.object() == nullptr;
}

bool IsProperty(const Value& value) {
  const Value::List* list = value.list();
  return list == nullptr ? IsScalar(value) : std::all_of(list->begin(), list->end(), IsScalar);
}

Coerced CoerceProperties(const Value& value) {
  const Value::Object* object = value.object();
  if (object == nullptr || object->size() > kPropertiesMax ||
      !std::all_of(object->begin(), object->end(),
                   [](const model::Member& member) { return IsProperty(member.value); })) {
    return CoercionError{"an object of texts, numbers, booleans and lists of them"};
  }
  Value::Object properties = *object;
  for (model::Member& member : properties) {
    if (member.value.is_null()) member.value = Value::Bool(false);
  }
  return Value::ObjectOf(std::move(properties));
}

// A type that the contract gives no form: passed on for Odoo to judge.
Coerced CoerceOther(const Value& value) {
  if (IsScalar(value)) return value;
  return CoercionError{"a text, a number or a boolean"};
}

// An empty text says that nothing is chosen.
bool IsPicked(FieldType type) {
  switch (type) {
    case FieldType::kDate:
    case FieldType::kDatetime:
    case FieldType::kSelection:
    case FieldType::kMany2one:
    case FieldType::kMany2many:
    case FieldType::kOne2many:
    case FieldType::kBinary:
    case FieldType::kReference:
      return true;
    case FieldType::kBoolean:
    case FieldType::kInteger:
    case FieldType::kFloat:
    case FieldType::kMonetary:
    case FieldType::kChar:
    case FieldType::kText:
    case FieldType::kHtml:
    case FieldType::kProperties:
    case FieldType::kOther:
      return false;
  }
  return false;
}

bool Clears(FieldType type, const Value& value) {
  const bool* flag = value.bool_value();
  const std::string* text = value.text();
  return value.is_null() || (flag != nullptr && !*flag) ||
         (IsPicked(type) && text != nullptr && TrimBlanks(*text).empty());
}

Coerced CoerceByType(const FieldMeta& field, const Value& value, model::ListMode mode) {
  switch (field.type) {
    case FieldType::kBoolean:
      return CoerceBoolean(value);
    case FieldType::kInteger:
      return CoerceInteger(value);
    case FieldType::kFloat:
    case FieldType::kMonetary:
      return CoerceDecimal(value);
    case FieldType::kChar:
    case FieldType::kText:
    case FieldType::kHtml:
      return CoerceText(field, value);
    case FieldType::kDate:
      return CoerceDate(value);
    case FieldType::kDatetime:
      return CoerceDatetime(value);
    case FieldType::kSelection:
      return CoerceSelection(field, value);
    case FieldType::kMany2one:
      return CoerceRecord(field.relation, value);
    case FieldType::kMany2many:
    case FieldType::kOne2many:
      return CoerceRecords(field.relation, value, mode);
    case FieldType::kBinary:
      return CoerceBinary(value);
    case FieldType::kProperties:
      return CoerceProperties(value);
    case FieldType::kReference:
      return CoerceReference(field, value);
    case FieldType::kOther:
      return CoerceOther(value);
  }
  return CoercionError{"a field of a known type"};
}

}  // namespace

Coerced Coerce(const FieldMeta& field, const Value& value, model::ListMode mode) {
  if (value.is_missing()) return CoercionError{"a value"};
  if (Clears(field.type, value)) return Value::Bool(false);
  return CoerceByType(field, value, mode);
}

}  // namespace webhook::rules
