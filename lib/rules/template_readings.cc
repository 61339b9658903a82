// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/template_readings.h"

#include <variant>

#include "lib/rules/template_parser.h"

namespace webhook::rules {

std::vector<Reading> ReadingsOf(const model::Source& source) {
  std::vector<Reading> readings;
  if (source.kind != model::SourceKind::kTemplate) return readings;
  const auto parts = ParseParts(source.expression);
  if (!parts) return readings;
  for (const TemplatePart& part : parts.value()) {
    const auto* placeholder = std::get_if<Placeholder>(&part.part);
    if (placeholder == nullptr) continue;
    if (const auto* reading = std::get_if<Reading>(&placeholder->from)) {
      readings.push_back(*reading);
    }
  }
  return readings;
}

}  // namespace webhook::rules
