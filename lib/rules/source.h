// SPDX-License-Identifier: LGPL-3.0-or-later
// Where a rule's value comes from, ready to be read: what lib/rules/reading.h reads, a literal, or
// a template. Pure and total; immutable, so shared freely.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/rule.h"
#include "lib/model/value.h"
#include "lib/rules/facts.h"
#include "lib/rules/reading.h"
#include "lib/rules/template.h"

namespace webhook::rules {

class CompiledSource {
 public:
  // Missing when it is not there. The error says why it could not be read: a field that Odoo did
  // not hand over, a template whose filter does not fit. `rendering` is for templates only.
  base::Result<model::Value, std::string> Read(const Facts& facts,
                                               Rendering rendering = Rendering::kText) const;

  // Fields of records that it reads, also inside a template: "event_field:topic",
  // "record_field:partner_id.email". Each once.
  const std::vector<std::string>& needs() const { return needs_; }

  const model::Source& source() const { return source_; }

 private:
  friend base::Result<CompiledSource, std::string> CompileSource(const model::Source& source);
  using How = std::variant<model::Value, Reading, Template>;
  CompiledSource(model::Source source, How how, std::vector<std::string> needs);

  model::Source source_;
  How how_;
  std::vector<std::string> needs_;
};

// The error is for the row's author: what is wrong with the expression or literal.
base::Result<CompiledSource, std::string> CompileSource(const model::Source& source);

}  // namespace webhook::rules
