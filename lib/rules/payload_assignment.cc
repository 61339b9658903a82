// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/payload_assignment.h"

#include <utility>

namespace webhook::rules {
namespace {

using model::Value;

constexpr std::size_t kItemsInListMax = 100'000;

struct Step {
  Value* at = nullptr;
  std::string problem;  // when there is no way on
};

Step StepIntoList(Value::List& list, const Segment& segment) {
  if (!segment.index) return {nullptr, "\"" + segment.key + "\" is no index of the list"};
  const auto size = static_cast<long long>(list.size());
  const long long index = *segment.index < 0 ? size + *segment.index : *segment.index;
  if (index < 0 || index > size || list.size() >= kItemsInListMax) {
    return {nullptr, "the index " + segment.key + " is beyond the end of the list"};
  }
  if (index == size) list.emplace_back();
  return {&list[static_cast<std::size_t>(index)], {}};
}

Step StepIntoObject(Value& object, const std::string& key) {
  for (model::Member& member : *object.object()) {
    if (member.key == key) return {&member.value, {}};
  }
  object.object()->push_back({key, Value()});
  return {&object.object()->back().value, {}};
}

Step StepInto(Value& value, const Segment& segment) {
  if (segment.collect) return {nullptr, "[*] names no single place"};
  if (value.is_missing() || value.is_null()) value = Value::ObjectOf({});
  if (Value::List* list = value.list()) return StepIntoList(*list, segment);
  if (value.object() != nullptr) return StepIntoObject(value, segment.key);
  return {nullptr, "\"" + segment.key + "\" collides with a value that is no object or list"};
}

}  // namespace

std::optional<std::string> AssignAt(const Path& path, Value value, Value& root) {
  Value* at = &root;
  for (const Segment& segment : path.segments) {
    Step step = StepInto(*at, segment);
    if (step.at == nullptr) return std::move(step.problem);
    at = step.at;
  }
  *at = std::move(value);
  return std::nullopt;
}

}  // namespace webhook::rules
