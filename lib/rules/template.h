// SPDX-License-Identifier: LGPL-3.0-or-later
// Text templates: `Order {{ payload.order.id }} for {{ value.name | default("nobody") | upper }}`.
// A placeholder is a reference (lib/rules/reference.h) or a quoted text, then filters
// (lib/rules/filters.h), left to right. No code, no loops. `{{ "{{" }}` writes two braces; `}}`
// outside a placeholder is text. A value becomes text as lib/rules/text_of.h says: missing and null
// are nothing. Pure and total; immutable, so shared freely.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/rules/facts.h"

namespace webhook::rules {

inline constexpr std::size_t kRenderedBytesMax = std::size_t{1024} * 1024;
inline constexpr std::size_t kPlaceholdersMax = 500;
inline constexpr std::size_t kFiltersMax = 20;  // of one placeholder

// How values stand in the text; what is between the placeholders always stands as it is.
enum class Rendering {
  kText,
  kUrl,  // percent-encoded: a value stays within its part of the URL
};

struct RenderError {
  std::string message;  // names the placeholder, the filter and the value
};

struct TemplatePart;

class Template {
 public:
  base::Result<std::string, RenderError> Render(const Facts& facts,
                                                Rendering rendering = Rendering::kText) const;

  // Fields of records that it reads: "record_field:partner_id.email". Each once.
  const std::vector<std::string>& needs() const { return needs_; }

 private:
  friend base::Result<Template, std::string> ParseTemplate(std::string_view text);
  std::shared_ptr<const std::vector<TemplatePart>> parts_;
  std::vector<std::string> needs_;
};

// The error says what is wrong, at which character (bytes from 1), and what could be written.
base::Result<Template, std::string> ParseTemplate(std::string_view text);

}  // namespace webhook::rules
