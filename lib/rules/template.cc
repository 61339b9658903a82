// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/rules/percent_encoding.h"
#include "lib/rules/template_parser.h"
#include "lib/rules/text_of.h"

namespace webhook::rules {
namespace {

using model::Value;

base::Result<Value, std::string> ValueOf(const Placeholder& placeholder, const Facts& facts) {
  const Value* literal = std::get_if<Value>(&placeholder.from);
  base::Result<Value, std::string> read =
      literal != nullptr ? *literal : Read(std::get<Reading>(placeholder.from), facts);
  for (const Filter& filter : placeholder.filters) {
    if (!read.ok()) break;
    read = Apply(filter, std::move(read).value());
  }
  return read;
}

void AddNeed(const TemplatePart& part, std::vector<std::string>& needs) {
  const auto* placeholder = std::get_if<Placeholder>(&part.part);
  const auto* reading = placeholder ? std::get_if<Reading>(&placeholder->from) : nullptr;
  if (reading == nullptr || reading->need.empty()) return;
  if (std::find(needs.begin(), needs.end(), reading->need) == needs.end()) {
    needs.push_back(reading->need);
  }
}

}  // namespace

base::Result<std::string, RenderError> Template::Render(const Facts& facts,
                                                        Rendering rendering) const {
  std::string rendered;
  if (parts_ == nullptr) return rendered;  // an empty template
  for (const TemplatePart& part : *parts_) {
    if (const auto* text = std::get_if<std::string>(&part.part)) {
      rendered += *text;
    } else {
      const auto& placeholder = std::get<Placeholder>(part.part);
      const auto value = ValueOf(placeholder, facts);
      if (!value.ok()) {
        return RenderError{fmt::format("{{{{ {} }}}}: {}", placeholder.written, value.error())};
      }
      const std::string shown = TextOf(value.value());
      rendered += rendering == Rendering::kUrl ? PercentEncoded(shown) : shown;
    }
    if (rendered.size() > kRenderedBytesMax) {
      return RenderError{fmt::format("the text is longer than {} bytes", kRenderedBytesMax)};
    }
  }
  return rendered;
}

base::Result<Template, std::string> ParseTemplate(std::string_view text) {
  auto parts = ParseParts(text);
  if (!parts.ok()) return parts.error();
  Template parsed;
  for (const TemplatePart& part : parts.value()) AddNeed(part, parsed.needs_);
  parsed.parts_ = std::make_shared<const std::vector<TemplatePart>>(std::move(parts).value());
  return parsed;
}

}  // namespace webhook::rules
