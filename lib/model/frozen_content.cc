// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/frozen_content.h"

#include "lib/model/value.h"

namespace webhook::model {
namespace {

// Null when there is no such text.
const std::string* TextOf(const Value& object, std::string_view key) {
  const Value* member = object.Find(key);
  return member == nullptr ? nullptr : member->text();
}

}  // namespace

std::string EncodeFrozenContent(const FrozenContent& content) {
  Value headers = Value::ObjectOf({});
  for (const auto& [name, value] : content.request_headers) headers.Set(name, Value::Text(value));
  Value object = Value::ObjectOf({});
  object.Set("http_method", Value::Text(content.http_method));
  object.Set("target_path", Value::Text(content.target_path));
  object.Set("request_headers", std::move(headers));
  object.Set("payload", Value::Text(content.payload));
  return DumpJson(object);
}

std::optional<FrozenContent> DecodeFrozenContent(std::string_view text) {
  const auto parsed = ParseJson(text);
  if (!parsed.ok()) return std::nullopt;
  const std::string* method = TextOf(parsed.value(), "http_method");
  const std::string* path = TextOf(parsed.value(), "target_path");
  const std::string* payload = TextOf(parsed.value(), "payload");
  const Value* headers = parsed.value().Find("request_headers");
  if (method == nullptr || path == nullptr || payload == nullptr || headers == nullptr ||
      headers->object() == nullptr) {
    return std::nullopt;
  }
  FrozenContent content{*method, *path, {}, *payload};
  for (const Member& header : *headers->object()) {
    if (header.value.text() == nullptr) return std::nullopt;
    content.request_headers.emplace(header.key, *header.value.text());
  }
  return content;
}

}  // namespace webhook::model
