// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/text_of.h"

namespace webhook::rules {
namespace {

constexpr std::size_t kShownBytesMax = 80;

std::string Shortened(std::string text) {
  if (text.size() <= kShownBytesMax) return text;
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string TextOf(const model::Value& value) {
  if (const std::string* text = value.text()) return *text;
  if (value.is_missing() || value.is_null()) return {};
  return model::DumpJson(value);
}

std::string Shown(const model::Value& value) {
  return value.is_missing() ? "missing" : Shortened(model::DumpJson(value));
}

}  // namespace webhook::rules
