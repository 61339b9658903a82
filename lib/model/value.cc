// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/model/value.h"

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::model {
namespace {

template <typename Members>
auto FindMember(Members& members, std::string_view key) {
  return std::find_if(members.begin(), members.end(),
                      [&](const Member& member) { return member.key == key; });
}

}  // namespace

Value::Value(List items) : state_(std::move(items)) {}
Value::Value(Object members) : state_(std::move(members)) {}

Value Value::ListOf(List items) { return Value(std::move(items)); }
Value Value::ObjectOf(Object members) { return Value(std::move(members)); }

const Value* Value::Find(std::string_view key) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  const auto found = FindMember(*members, key);
  return found == members->end() ? nullptr : &found->value;
}

void Value::Set(std::string key, Value value) {
  Object* members = object();
  WEBHOOK_ASSERT(members != nullptr);
  const auto found = FindMember(*members, key);
  if (found != members->end()) {
    found->value = std::move(value);
  } else {
    members->push_back({std::move(key), std::move(value)});
  }
}

bool Value::operator==(const Value& other) const { return state_ == other.state_; }

}  // namespace webhook::model
