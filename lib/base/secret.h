// SPDX-License-Identifier: LGPL-3.0-or-later
// A secret text. It has no formatter and no stream operator: printing one does not compile. Its
// memory is overwritten when it ends or gets another value: best effort, copies that somebody made
// of what Reveal() shows stay where they are.
#pragma once

#include <string>

namespace webhook::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) { Take(value); }
  ~Secret() { Wipe(value_); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept { Take(other.value_); }
  Secret& operator=(const Secret& other) {
    if (this != &other) *this = Secret(other);
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) Take(other.value_);
    return *this;
  }

  // The clear text, for the one place that sends or keys with it.
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  // Overwrites all memory of the text, and empties it.
  static void Wipe(std::string& text) noexcept;

 private:
  // Leaves `from` empty and overwritten: a short text is copied, not moved.
  void Take(std::string& from) noexcept {
    value_.swap(from);
    Wipe(from);
  }

  std::string value_;
};

}  // namespace webhook::base
