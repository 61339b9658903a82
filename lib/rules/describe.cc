// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/describe.h"

#include <algorithm>

#include "lib/model/spelling.h"
#include "lib/rules/coerce_list.h"
#include "lib/rules/record_reference.h"
#include "lib/rules/short_json.h"

namespace webhook::rules {
namespace {

using model::Value;

constexpr std::size_t kFieldsShownMax = 50;
constexpr std::size_t kValueBytesMax = 60;

std::string Shown(const Value& value) {
  std::string text;
  AppendShortJson(text, value, kValueBytesMax);
  return text;
}

std::string NameText(const Value* name) {
  return name != nullptr && name->text() != nullptr ? Shortened(*name->text(), kValueBytesMax) : "";
}

std::string KeysText(const Value& keys) {
  std::string text;
  const Value::List* list = keys.list();
  for (const Value& key : list != nullptr ? *list : Value::List{}) {
    const Value* value = key.Find("value");
    text += (text.empty() ? "" : " and ") + NameText(key.Find("field"));
    if (value != nullptr) text += " " + Shown(*value);
  }
  return text;
}

std::string RecordText(const Value& record) {
  if (const Value* id = record.Find("id")) return "record " + Shown(*id);
  if (const Value* name = record.Find("external_id")) return NameText(name);
  return NameText(record.Find("model")) + " with " + KeysText(*record.Find("lookup"));
}

std::string Counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string ListText(const Value& value) {
  const Value::List& items = *value.Find("items")->list();
  const auto made =
      static_cast<std::size_t>(std::count_if(items.begin(), items.end(), [](const Value& item) {
        return item.Find("values") != nullptr;
      }));
  std::string text = Counted(items.size() - made, "record", "records");
  if (made > 0) text = made == items.size() ? "" : text + ", ";
  if (made > 0) text += std::to_string(made) + " new";
  return (*value.Find("mode")->text() == "add" ? "present + [" : "[") + text + "]";
}

std::string ValueText(const Value& value) {
  if (IsListForm(value)) return ListText(value);
  if (IsRecordForm(value)) return RecordText(value);
  return Shown(value);
}

std::string WhereText(const model::RecordOperation& operation) {
  std::string text;
  for (const model::LookupKey& key : operation.lookup) {
    text += text.empty() ? " where " : " and ";
    text += Shortened(key.field, kValueBytesMax) + " = " + ValueText(key.value);
  }
  return text;
}

}  // namespace

std::string Describe(const model::RecordOperation& operation) {
  std::string text(model::Spelling(operation.kind));
  text += " " + operation.model + WhereText(operation) + ": ";
  const Value::Object* values = operation.values.object();
  if (values == nullptr || values->empty()) return text + "nothing";
  for (std::size_t i = 0; i < std::min(values->size(), kFieldsShownMax); ++i) {
    const auto& [field, value] = (*values)[i];
    text += (i == 0 ? "" : ", ") + Shortened(field, kValueBytesMax) + " = " + ValueText(value);
  }
  if (values->size() > kFieldsShownMax) {
    text += " and " + std::to_string(values->size() - kFieldsShownMax) + " more";
  }
  return text;
}

}  // namespace webhook::rules
