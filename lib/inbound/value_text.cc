// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/value_text.h"

#include <algorithm>

namespace webhook::inbound {
namespace {

using model::Value;

// Recursive by the depth of JSON, which the parser bounds.
void SortKeys(Value& value) {
  if (Value::List* items = value.list()) {
    for (Value& item : *items) SortKeys(item);
  } else if (Value::Object* members = value.object()) {
    std::stable_sort(
        members->begin(), members->end(),
        [](const model::Member& left, const model::Member& right) { return left.key < right.key; });
    for (model::Member& member : *members) SortKeys(member.value);
  }
}

}  // namespace

std::optional<std::string> ValueText(const Value& value) {
  if (value.is_missing() || value.is_null()) return std::nullopt;
  if (const std::string* text = value.text()) return NotEmpty(*text);
  if (value.list() == nullptr && value.object() == nullptr) return model::DumpJson(value);
  Value sorted = value;
  SortKeys(sorted);
  return model::DumpJson(sorted);
}

std::optional<std::string> PayloadText(const std::optional<rules::Path>& path,
                                       const Request& request) {
  if (!path) return std::nullopt;
  const Value& payload = request.payload().value;
  if (!path->collects()) {
    const Value* found = rules::Locate(*path, payload);
    return found == nullptr ? std::nullopt : ValueText(*found);
  }
  const Value found = rules::Find(*path, payload);
  if (found.list() != nullptr && found.list()->size() > rules::kCollectedMax) return std::nullopt;
  return ValueText(found);
}

std::optional<std::string> NotEmpty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> HeaderText(const Request& request, std::string_view name) {
  return NotEmpty(request.Header(name).value_or(""));
}

std::optional<std::string> QueryText(const Request& request, std::string_view name) {
  const auto found = request.query().find(name);
  return found == request.query().end() ? std::nullopt : NotEmpty(found->second);
}

std::optional<std::string> HeaderParameterText(const Request& request, std::string_view name,
                                               std::string_view parameter) {
  for (const std::string& value : request.HeaderParameters(name, parameter)) {
    if (!value.empty()) return value;
  }
  return std::nullopt;
}

}  // namespace webhook::inbound
