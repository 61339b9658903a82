// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/stored_text.h"

#include "lib/base/text.h"

namespace webhook::inbound {
namespace {

using model::Value;

constexpr std::string_view kNulText = "\\u0000";

std::string WithoutNul(const std::string& text) {
  std::string visible;
  visible.reserve(text.size());
  for (const char c : text) {
    if (c == '\0') {
      visible += kNulText;
    } else {
      visible += c;
    }
  }
  return visible;
}

}  // namespace

std::string StoredText(std::string_view bytes, std::size_t bytes_max) {
  std::string text = base::PrintableText(bytes, bytes_max);
  // Cuts what became longer by being visible.
  return text.size() > bytes_max ? base::PrintableText(text, bytes_max) : text;
}

bool IsStoredAsItIs(std::string_view bytes, std::size_t bytes_max) {
  return bytes.size() <= bytes_max && StoredText(bytes, bytes_max) == bytes;
}

Value StoredValue(Value value) {
  if (const std::string* text = value.text()) return Value::Text(WithoutNul(*text));
  if (Value::List* items = value.list()) {
    for (Value& item : *items) item = StoredValue(std::move(item));
  } else if (Value::Object* members = value.object()) {
    for (model::Member& member : *members) {
      member.key = WithoutNul(member.key);
      member.value = StoredValue(std::move(member.value));
    }
  }
  return value;
}

}  // namespace webhook::inbound
