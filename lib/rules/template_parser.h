// SPDX-License-Identifier: LGPL-3.0-or-later
// The pieces of a template (lib/rules/template.h). Plain data. Pure and total.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/value.h"
#include "lib/rules/filters.h"
#include "lib/rules/reading.h"

namespace webhook::rules {

struct Placeholder {
  std::variant<Reading, model::Value> from;  // a reference, or a quoted text
  std::vector<Filter> filters;
  std::string written;  // between the braces, for messages
};

struct TemplatePart {
  std::variant<std::string, Placeholder> part;
};

base::Result<std::vector<TemplatePart>, std::string> ParseParts(std::string_view text);

}  // namespace webhook::rules
