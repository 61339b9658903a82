// SPDX-License-Identifier: LGPL-3.0-or-later
// Strict reading of the members of a JSON object: each says whether the member is there and of the
// type. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/base64.h"
#include "lib/model/value.h"

namespace webhook::callback {

inline bool ReadText(const model::Value& object, std::string_view key, std::string& to) {
  const model::Value* value = object.Find(key);
  if (value == nullptr || value->text() == nullptr) return false;
  to = *value->text();
  return true;
}

inline bool ReadWhole(const model::Value& object, std::string_view key, std::int64_t min,
                      std::int64_t max, std::int64_t& to) {
  const model::Value* value = object.Find(key);
  if (value == nullptr || value->number() == nullptr) return false;
  const std::string& text = value->number()->text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size() && to >= min && to <= max;
}

inline bool ReadFlag(const model::Value& object, std::string_view key, bool& to) {
  const model::Value* value = object.Find(key);
  if (value == nullptr || value->bool_value() == nullptr) return false;
  to = *value->bool_value();
  return true;
}

inline bool ReadObject(const model::Value& object, std::string_view key, model::Value& to) {
  const model::Value* value = object.Find(key);
  if (value == nullptr || value->object() == nullptr) return false;
  to = *value;
  return true;
}

inline bool ReadBytes(const model::Value& object, std::string_view key, std::string& to) {
  std::string text;
  if (!ReadText(object, key, text)) return false;
  std::optional<std::string> bytes = base::DecodeBase64(text);
  if (!bytes) return false;
  to = *std::move(bytes);
  return true;
}

}  // namespace webhook::callback
