// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: says what happened, as one event with a name and ordered fields. Handed in; there is no
// global log. A Secret is not a field value: logging one does not compile.
//
//   log.Write(Level::kInfo, "delivery.attempted", {{"delivery", delivery_uid}, {"attempt", 3}});
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace webhook::base {

enum class Level { kDebug, kInfo, kWarning, kError };

// Text is borrowed: it must outlive the call of Write. An empty optional is left out of the line.
class FieldValue {
 public:
  using State =
      std::variant<std::monostate, std::string_view, std::int64_t, std::uint64_t, double, bool>;

  FieldValue(std::string_view text) : state_(text) {}                      // NOLINT: implicit
  FieldValue(const std::string& text) : state_(std::string_view(text)) {}  // NOLINT: implicit
  FieldValue(const char* text) : state_(std::string_view(text)) {}         // NOLINT: implicit
  FieldValue(std::same_as<bool> auto value) : state_(value) {}             // NOLINT: implicit
  FieldValue(double value) : state_(value) {}                              // NOLINT: implicit

  template <std::integral Number>
  requires(!std::same_as<Number, bool>) FieldValue(Number value)
      : state_(Widen(value)) {}  // NOLINT: implicit

  template <typename Value>
  requires std::constructible_from<FieldValue, const Value&> FieldValue(
      const std::optional<Value>& value) {  // NOLINT: implicit
    if (value.has_value()) state_ = FieldValue(*value).state_;
  }

  const State& state() const { return state_; }

 private:
  template <std::integral Number>
  static State Widen(Number value) {
    if constexpr (std::unsigned_integral<Number>) return static_cast<std::uint64_t>(value);
    return static_cast<std::int64_t>(value);
  }

  State state_;
};

struct Field {
  std::string_view name;  // lower case with underscores, unit last: duration_ms
  FieldValue value;
};

using Fields = std::span<const Field>;

class EventLog {
 public:
  virtual ~EventLog() = default;

  // `event` is a constant of the program: delivery.attempted. Any thread. Never throws: a line that
  // cannot be written is counted by the implementation.
  virtual void Write(Level level, std::string_view event, Fields fields) noexcept = 0;

  void Write(Level level, std::string_view event,
             std::initializer_list<Field> fields = {}) noexcept {
    Write(level, event, Fields(fields.begin(), fields.size()));
  }
};

}  // namespace webhook::base
