// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/literal.h"

#include <fmt/format.h>

namespace webhook::rules {

base::Result<model::Value, std::string> CompileLiteral(const std::string& typed, bool is_json) {
  if (!is_json) return model::Value::Text(typed);
  const auto parsed = model::ParseJson(typed);
  if (parsed.ok()) return parsed.value();
  return fmt::format("the literal is not JSON: {} (character {})", parsed.error().message,
                     parsed.error().byte);
}

}  // namespace webhook::rules
