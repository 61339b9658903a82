// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/record_reference.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "lib/rules/blanks.h"
#include "lib/rules/coerce_number.h"

namespace webhook::rules {
namespace {

using model::RecordId;
using model::Value;

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kKeysMax = 20;
constexpr RecordId kRecordIdMax = std::numeric_limits<std::int32_t>::max();

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

bool HasMembers(const Value& value, std::initializer_list<std::string_view> keys) {
  const Value::Object* object = value.object();
  return object != nullptr && object->size() == keys.size() &&
         std::all_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return value.Find(key) != nullptr; });
}

bool IsLookupKey(const Value& key) {
  if (!HasMembers(key, {"field", "value"})) return false;
  const std::string* field = key.Find("field")->text();
  return field != nullptr && !field->empty() && field->size() <= kNameBytesMax &&
         (IsKey(*key.Find("value")) || key.Find("value")->bool_value() != nullptr);
}

bool IsLookupForm(const std::string& relation, const Value& value) {
  if (!HasMembers(value, {"lookup", "model"})) return false;
  const std::string* model = value.Find("model")->text();
  const Value::List* keys = value.Find("lookup")->list();
  return model != nullptr && *model == relation && keys != nullptr && !keys->empty() &&
         keys->size() <= kKeysMax && std::all_of(keys->begin(), keys->end(), IsLookupKey);
}

Coerced IdRecord(RecordId id) { return Value::ObjectOf({{"id", Value::Integer(id)}}); }

}  // namespace

std::optional<RecordId> ParseRecordId(std::string_view text) {
  RecordId id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool is_whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return is_whole && id >= 1 && id <= kRecordIdMax ? std::optional(id) : std::nullopt;
}

bool IsModelName(std::string_view text) {
  constexpr std::size_t kModelBytesMax = 128;
  return !text.empty() && text.size() <= kModelBytesMax && (IsLetter(text[0]) || text[0] == '_') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsNameCharacter(c) || c == '.'; });
}

bool IsExternalId(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0 || text.size() > kNameBytesMax) return false;
  const std::string_view module = text.substr(0, point);
  const std::string_view name = text.substr(point + 1);
  return !IsDigit(module[0]) && std::all_of(module.begin(), module.end(), IsNameCharacter) &&
         !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
           return IsNameCharacter(c) || c == '.' || c == '-';
         });
}

Coerced CoerceDatabaseId(const Value& value) {
  std::optional<RecordId> id;
  if (const std::string* text = value.text()) id = ParseRecordId(TrimBlanks(*text));
  if (value.number() != nullptr) {
    if (auto whole = CoerceInteger(value); whole.ok()) {
      id = ParseRecordId(whole.value().number()->text);
    }
  }
  if (!id) return CoercionError{"the id of a record, a whole number from 1 on"};
  return IdRecord(*id);
}

Coerced CoerceExternalId(const Value& value) {
  const std::string* text = value.text();
  if (text == nullptr || !IsExternalId(TrimBlanks(*text))) {
    return CoercionError{"an external id such as base.us"};
  }
  return Value::ObjectOf({{"external_id", Value::Text(std::string(TrimBlanks(*text)))}});
}

Coerced CoerceRecord(const std::string& relation, const Value& value) {
  if (HasMembers(value, {"id"})) return CoerceDatabaseId(*value.Find("id"));
  if (HasMembers(value, {"external_id"})) return CoerceExternalId(*value.Find("external_id"));
  if (IsLookupForm(relation, value)) return value;
  if (auto by_id = CoerceDatabaseId(value); by_id.ok()) return by_id;
  if (auto by_name = CoerceExternalId(value); by_name.ok()) return by_name;
  return CoercionError{"a record of " + relation +
                       ": its id, or its external id such as base.us (to look it up by a field, "
                       "write that behind a slash in the target)"};
}

bool IsKey(const Value& value) {
  if (const std::string* text = value.text()) return !text->empty();
  if (const bool* flag = value.bool_value()) return *flag;
  return value.number() != nullptr;
}

Value LookupRecord(const std::string& relation, const std::vector<model::LookupKey>& keys) {
  Value::List list;
  for (const model::LookupKey& key : keys) {
    list.push_back(Value::ObjectOf({{"field", Value::Text(key.field)}, {"value", key.value}}));
  }
  return Value::ObjectOf(
      {{"lookup", Value::ListOf(std::move(list))}, {"model", Value::Text(relation)}});
}

bool IsRecordForm(const Value& value) {
  return HasMembers(value, {"id"}) || HasMembers(value, {"external_id"}) ||
         HasMembers(value, {"lookup", "model"});
}

}  // namespace webhook::rules
