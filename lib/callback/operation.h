// SPDX-License-Identifier: LGPL-3.0-or-later
// What a callback asks Odoo to write, built step by step. Values are made to fit the fields' types
// by the worker, as those of rules are: "true", "12.50", a date in any ISO form, a label of a
// selection, a record by id, external id or lookup, a list of objects for one2many.
//
//   Update("sale.order").By("name", "S00042").Set("note", "shipped").IfNone(LookupPolicy::kError)
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "lib/model/record_operation.h"
#include "lib/model/value.h"

namespace webhook::callback {

using model::LookupPolicy;
using model::Value;

// Scalars as values. Amounts are texts ("12.50"): a double is not exact, and does not compile.
inline Value ToValue(Value value) { return value; }
inline Value ToValue(std::string text) { return Value::Text(std::move(text)); }
inline Value ToValue(std::string_view text) { return Value::Text(std::string(text)); }
inline Value ToValue(const char* text) { return Value::Text(text); }
inline Value ToValue(std::same_as<bool> auto value) { return Value::Bool(value); }
template <std::integral Number>
requires(!std::same_as<Number, bool>) Value ToValue(Number value) {
  return Value::Integer(static_cast<long long>(value));
}
Value ToValue(std::floating_point auto) = delete;

// A record: by its id, or by its external id ("base.us").
Value RecordId(model::RecordId id);
Value ExternalId(std::string external_id);

// The value of a field that is emptied.
inline Value Cleared() { return Value::Bool(false); }

Value List(std::initializer_list<Value> items);

// {"name": …, "qty": 2}: Object({{"name", ToValue(name)}, {"qty", ToValue(2)}})
Value Object(std::initializer_list<std::pair<std::string, Value>> members);

class [[nodiscard]] Operation {
 public:
  Operation(model::OperationKind kind, std::string model) {
    operation_.kind = kind;
    operation_.model = std::move(model);
  }

  // A key that finds the record of Update and Upsert; several must all agree. Also a path of
  // fields with dots.
  template <typename T>
  Operation&& By(std::string field, T&& value) && {
    operation_.lookup.push_back({std::move(field), ToValue(std::forward<T>(value))});
    return std::move(*this);
  }

  template <typename T>
  Operation&& Set(std::string field, T&& value) && {
    operation_.values.Set(std::move(field), ToValue(std::forward<T>(value)));
    return std::move(*this);
  }

  // When the lookup of Update finds nothing, or a lookup finds several.
  Operation&& IfNone(LookupPolicy policy) && {
    operation_.on_none = policy;
    return std::move(*this);
  }
  Operation&& IfMany(LookupPolicy policy) && {
    operation_.on_many = policy;
    return std::move(*this);
  }
  Operation&& IncludeArchived() && {
    operation_.include_archived = true;
    return std::move(*this);
  }

  const model::RecordOperation& operation() const { return operation_; }

 private:
  model::RecordOperation operation_;
};

inline Operation Create(std::string model) {
  return {model::OperationKind::kCreate, std::move(model)};
}
inline Operation Update(std::string model) {
  return {model::OperationKind::kUpdate, std::move(model)};
}
inline Operation Upsert(std::string model) {
  return {model::OperationKind::kUpsert, std::move(model)};
}

}  // namespace webhook::callback
