// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/coerce_text.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "lib/base/base64.h"
#include "lib/rules/blanks.h"
#include "lib/rules/letter_case.h"
#include "lib/rules/record_reference.h"

namespace webhook::rules {
namespace {

using model::FieldMeta;
using model::FieldType;
using model::Value;

constexpr std::size_t kKeysShownMax = 10;

// A text, or a number as it was written.
std::optional<std::string> ScalarText(const Value& value) {
  if (const std::string* text = value.text()) return *text;
  if (const model::Number* number = value.number()) return number->text;
  return std::nullopt;
}

std::string WithoutNul(std::string text) {
  for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
    text.replace(at, 1, "\\u0000");
  }
  return text;
}

std::size_t CountCharacters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// All keys of the selection that `matches`; more than one is no choice.
template <typename Matches>
std::vector<std::string> KeysThat(const FieldMeta& field, Matches matches) {
  std::vector<std::string> keys;
  for (const auto& [key, label] : field.selection) {
    if (matches(key, label)) keys.push_back(key);
  }
  return keys;
}

// The first way of looking that finds any.
std::vector<std::string> ChosenKeys(const FieldMeta& field, const std::string& text) {
  const std::string lower = LowerCase(TrimBlanks(text));
  auto keys = KeysThat(field, [&](const auto& key, const auto&) { return key == text; });
  if (keys.empty()) {
    keys = KeysThat(field, [&](const auto&, const auto& label) { return label == text; });
  }
  if (keys.empty()) {
    keys = KeysThat(field, [&](const auto& key, const auto& label) {
      return LowerCase(key) == lower || LowerCase(label) == lower;
    });
  }
  return keys;
}

std::string KeysText(const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < std::min(keys.size(), kKeysShownMax); ++i) {
    text += (i == 0 ? "" : ", ") + keys[i];
  }
  if (keys.size() > kKeysShownMax) {
    text += " and " + std::to_string(keys.size() - kKeysShownMax) + " more";
  }
  return text;
}

std::string_view WithoutDataUrl(std::string_view text) {
  constexpr std::string_view kMark = ";base64,";
  constexpr std::size_t kHeadBytesMax = 200;
  const std::size_t mark = text.substr(0, kHeadBytesMax).find(kMark);
  if (!text.starts_with("data:") || mark == std::string_view::npos) return text;
  return text.substr(mark + kMark.size());
}

}  // namespace

Coerced CoerceText(const FieldMeta& field, const Value& value) {
  std::optional<std::string> text = ScalarText(value);
  const bool is_structure = value.list() != nullptr || value.object() != nullptr;
  if (is_structure && field.type == FieldType::kText) text = model::DumpJson(value);
  if (!text) return CoercionError{"a text"};
  text = WithoutNul(std::move(*text));
  if (field.size && CountCharacters(*text) > *field.size) {
    return CoercionError{"a text of at most " + std::to_string(*field.size) + " characters"};
  }
  return Value::Text(std::move(*text));
}

Coerced CoerceSelection(const FieldMeta& field, const Value& value) {
  const std::optional<std::string> text = ScalarText(value);
  if (text && field.selection.empty()) return Value::Text(*text);  // computed: Odoo judges
  std::vector<std::string> keys;
  if (text) keys = ChosenKeys(field, *text);
  if (keys.size() == 1) return Value::Text(keys.front());
  if (keys.size() > 1) return CoercionError{"a key, as the label is that of " + KeysText(keys)};
  return CoercionError{"one of " +
                       KeysText(KeysThat(field, [](const auto&, const auto&) { return true; })) +
                       ", or its label"};
}

Coerced CoerceReference(const FieldMeta& field, const Value& value) {
  const std::string* text = value.text();
  const std::size_t comma = text == nullptr ? std::string::npos : text->find(',');
  if (comma == std::string::npos || !IsModelName(text->substr(0, comma)) ||
      !ParseRecordId(text->substr(comma + 1))) {
    return CoercionError{"a model and an id, such as res.partner,5"};
  }
  const std::string model = text->substr(0, comma);
  const auto models = KeysThat(field, [](const auto&, const auto&) { return true; });
  if (!models.empty() && std::find(models.begin(), models.end(), model) == models.end()) {
    return CoercionError{"a record of one of " + KeysText(models)};
  }
  return Value::Text(model + "," + std::to_string(*ParseRecordId(text->substr(comma + 1))));
}

Coerced CoerceBinary(const Value& value) {
  const std::string* text = value.text();
  const std::string_view base64 = text == nullptr ? "" : WithoutDataUrl(*text);
  if (base64.empty() || !base::DecodeBase64(base64)) {
    return CoercionError{"base64 without line breaks, with its padding"};
  }
  return Value::Text(std::string(base64));
}

}  // namespace webhook::rules
