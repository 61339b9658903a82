// SPDX-License-Identifier: LGPL-3.0-or-later
// A JSON value (RFC 8259) that keeps what was written: numbers are their source text, keys their
// order. Missing, null, false, 0 and "" are five different things. Plain data; pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/result.h"

namespace webhook::model {

class Value;
struct Member;

// As in the source: 1.10, 1e400, -0. Always a valid JSON number.
struct Number {
  std::string text;
  bool operator==(const Number&) const = default;
};

class Value {
 public:
  struct Missing {
    bool operator==(const Missing&) const = default;
  };
  struct Null {
    bool operator==(const Null&) const = default;
  };
  using List = std::vector<Value>;
  using Object = std::vector<Member>;  // keys are unique

  Value() = default;  // missing
  static Value MakeNull();
  static Value Bool(bool value);
  static Value Text(std::string value);
  static Value Integer(long long value);
  static Value Decimal(std::string text);
  static Value ListOf(List items);
  static Value ObjectOf(Object members);

  bool is_missing() const { return std::holds_alternative<Missing>(state_); }
  bool is_null() const { return std::holds_alternative<Null>(state_); }
  const bool* bool_value() const { return std::get_if<bool>(&state_); }
  const Number* number() const { return std::get_if<Number>(&state_); }
  const std::string* text() const { return std::get_if<std::string>(&state_); }
  const List* list() const { return std::get_if<List>(&state_); }
  List* list() { return std::get_if<List>(&state_); }
  const Object* object() const { return std::get_if<Object>(&state_); }
  Object* object() { return std::get_if<Object>(&state_); }

  // The member's value, or null when this is no object or has no such key.
  const Value* Find(std::string_view key) const;

  // Sets or replaces a member. Precondition: an object.
  void Set(std::string key, Value value);

  bool operator==(const Value&) const;  // exact: 1.0 and 1 differ

 private:
  using State = std::variant<Missing, Null, bool, Number, std::string, List, Object>;
  explicit Value(Null null);
  explicit Value(bool value);
  explicit Value(Number number);
  explicit Value(std::string text);
  explicit Value(List items);
  explicit Value(Object members);

  State state_;
};

struct Member {
  std::string key;
  Value value;
  bool operator==(const Member&) const = default;
};

// Behind Member: only a complete one can be destroyed.
inline Value::Value(Null null) : state_(null) {}
inline Value::Value(bool value) : state_(value) {}
inline Value::Value(Number number) : state_(std::move(number)) {}
inline Value::Value(std::string text) : state_(std::move(text)) {}
inline Value Value::MakeNull() { return Value(Null{}); }
inline Value Value::Bool(bool value) { return Value(value); }
inline Value Value::Text(std::string value) { return Value(std::move(value)); }
inline Value Value::Integer(long long value) { return Value(Number{std::to_string(value)}); }
inline Value Value::Decimal(std::string text) { return Value(Number{std::move(text)}); }

struct JsonLimits {
  std::size_t depth_max = 100;
  std::size_t values_max = 1'000'000;  // objects, lists and scalars together
};

struct JsonError {
  std::size_t byte;     // where, 1 is the first
  std::string message;  // never quotes the text
};

// A repeated key: the last one wins, in the first one's place. Invalid UTF-8 is an error.
base::Result<Value, JsonError> ParseJson(std::string_view text, const JsonLimits& limits = {});

// Compact; UTF-8 as it is, or ASCII with \u escapes. Numbers as they were written, keys in their
// order; missing is written as null.
std::string DumpJson(const Value& value);
std::string DumpAsciiJson(const Value& value);

}  // namespace webhook::model
