// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/source.h"

#include <utility>

#include "lib/rules/literal.h"

namespace webhook::rules {

using model::SourceKind;
using model::Value;
using Compiled = base::Result<CompiledSource, std::string>;

CompiledSource::CompiledSource(model::Source source, How how, std::vector<std::string> needs)
    : source_(std::move(source)), how_(std::move(how)), needs_(std::move(needs)) {}

base::Result<Value, std::string> CompiledSource::Read(const Facts& facts,
                                                      Rendering rendering) const {
  if (const auto* literal = std::get_if<Value>(&how_)) return *literal;
  if (const auto* reading = std::get_if<Reading>(&how_)) return rules::Read(*reading, facts);
  auto rendered = std::get<Template>(how_).Render(facts, rendering);
  if (!rendered.ok()) return rendered.error().message;
  return Value::Text(std::move(rendered).value());
}

Compiled CompileSource(const model::Source& source) {
  if (source.kind == SourceKind::kLiteral) {
    auto literal = CompileLiteral(source.literal, source.literal_is_json);
    if (!literal.ok()) return literal.error();
    return CompiledSource(source, std::move(literal).value(), {});
  }
  if (source.kind == SourceKind::kTemplate) {
    auto parsed = ParseTemplate(source.expression);
    if (!parsed.ok()) return parsed.error();
    std::vector<std::string> needs = parsed.value().needs();
    return CompiledSource(source, std::move(parsed).value(), std::move(needs));
  }
  auto reading = CompileReading(source.kind, source.expression);
  if (!reading.ok()) return reading.error();
  std::vector<std::string> needs;
  if (!reading.value().need.empty()) needs.push_back(reading.value().need);
  return CompiledSource(source, std::move(reading).value(), std::move(needs));
}

}  // namespace webhook::rules
