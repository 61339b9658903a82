// SPDX-License-Identifier: LGPL-3.0-or-later
// Result<T, E>: either a value or an expected failure that carries data, not prose.
// Thread-compatible like std::variant.
#pragma once

#include <utility>
#include <variant>

#include "lib/base/assert.h"

namespace webhook::base {

template <typename T, typename E>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(E error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Precondition: ok().
  const T& value() const& { return Checked<0>(state_); }
  T& value() & { return Checked<0>(state_); }
  T&& value() && { return std::move(Checked<0>(state_)); }

  // Precondition: !ok().
  const E& error() const& { return Checked<1>(state_); }
  E& error() & { return Checked<1>(state_); }

 private:
  template <std::size_t I, typename V>
  static auto& Checked(V& state) {
    WEBHOOK_ASSERT(state.index() == I);
    return *std::get_if<I>(&state);
  }

  std::variant<T, E> state_;
};

// Visits a variant with one lambda per alternative; a new alternative breaks the build.
template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace webhook::base
