// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/config_error.h"

#include <fmt/format.h>

#include "lib/base/text.h"

namespace webhook::config {
namespace {

constexpr std::size_t kCitedBytesMax = 60;
constexpr std::size_t kPrintableBytesMax = 500;

std::string PlaceText(const Place& place) {
  std::string text = place.name;
  if (place.line > 0) text += fmt::format(":{}", place.line);
  if (place.column > 0) text += fmt::format(":{}", place.column);
  return text;
}

}  // namespace

std::string ErrorText(const ConfigError& error) {
  std::string text = PlaceText(error.place) + ": ";
  if (!error.key.empty()) text += error.key + ": ";
  text += error.complaint.what;
  if (!error.complaint.expected.empty()) text += "; " + error.complaint.expected;
  return text;
}

std::string ErrorsText(const ConfigErrors& errors) {
  std::string text;
  for (const ConfigError& error : errors) text += ErrorText(error) + "\n";
  return text;
}

std::string Printable(std::string_view text) {
  std::string out;
  for (const char character : base::PrintableText(text, kPrintableBytesMax)) {
    switch (character) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += character;
    }
  }
  return out;
}

std::string Cite(std::string_view value) {
  const bool cut = value.size() > kCitedBytesMax;
  return "\"" + Printable(base::PrintableText(value, kCitedBytesMax)) + (cut ? "…\"" : "\"");
}

}  // namespace webhook::config
