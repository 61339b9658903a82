// SPDX-License-Identifier: LGPL-3.0-or-later
// A secret text. It has no formatter and no stream operator: printing one does not compile.
#pragma once

#include <string>
#include <utility>

namespace webhook::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  // The clear text, for the one place that sends or keys with it.
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace webhook::base
