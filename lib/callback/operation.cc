// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/operation.h"

namespace webhook::callback {

Value RecordId(model::RecordId id) { return Object({{"id", Value::Integer(id)}}); }

Value ExternalId(std::string external_id) {
  return Object({{"external_id", Value::Text(std::move(external_id))}});
}

Value List(std::initializer_list<Value> items) { return Value::ListOf(Value::List(items)); }

Value Object(std::initializer_list<std::pair<std::string, Value>> members) {
  Value object = Value::ObjectOf({});
  for (const auto& [key, value] : members) object.Set(key, value);
  return object;
}

}  // namespace webhook::callback
