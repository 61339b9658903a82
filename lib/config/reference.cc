// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "lib/base/result.h"
#include "lib/config/keys.h"

namespace webhook::config {
namespace {

constexpr std::size_t kColumnsMax = 100;

std::string Quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

std::string DefaultOf(const Slot& slot) {
  Config defaults;
  return std::visit(
      base::Overloaded{
          [&](const Text& text) { return Quoted(text.at(defaults)); },
          [](const SecretText&) { return Quoted(""); },
          [&](const TextList& list) {
            return fmt::format("[{}]", fmt::join(list.at(defaults), ", "));
          },
          [&](const Whole& whole) { return fmt::format("{}", whole.at(defaults)); },
          [&](const Large& large) { return fmt::format("{}", large.at(defaults)); },
          [&](const Flag& flag) { return fmt::format("{}", flag.at(defaults)); },
          [&](const Choice& choice) { return Quoted(choice.names[choice.get(defaults)]); },
      },
      slot);
}

// "From 1 to 16." or "One of auto, json2." or nothing.
std::string RangeOf(const Slot& slot) {
  if (const auto* whole = std::get_if<Whole>(&slot)) {
    return fmt::format(" From {} to {}.", whole->min, whole->max);
  }
  if (const auto* large = std::get_if<Large>(&slot)) {
    return fmt::format(" From {} to {}.", large->min, large->max);
  }
  if (const auto* choice = std::get_if<Choice>(&slot)) {
    return fmt::format(" One of: {}.", fmt::join(choice->names, ", "));
  }
  return "";
}

// Breaks the text at blanks into comment lines.
std::string Comment(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const std::string_view word = text.substr(0, blank);
    if (column > 0 && column + 1 + word.size() > kColumnsMax) {
      out += '\n';
      column = 0;
    }
    out += column == 0 ? "# " : " ";
    column += word.size() + (column == 0 ? 2 : 1);
    out += word;
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  }
  return out + '\n';
}

std::string Assignment(const Key& key) {
  if (std::holds_alternative<SecretText>(key.slot)) {
    return fmt::format("# {} = {}\n", key.name, key.example);
  }
  return fmt::format("{} = {}\n", key.name,
                     key.example.empty() ? DefaultOf(key.slot) : std::string(key.example));
}

std::string KeyText(const Key& key) {
  const std::string required = key.required ? " Required." : "";
  return "\n" + Comment(std::string(key.description) + RangeOf(key.slot) + required) +
         Assignment(key);
}

}  // namespace

std::string ConfigReference() {
  std::string text = Comment(
      "Every key with its default. A variable WEBHOOK_WORKER_<SECTION>_<KEY> in the environment, "
      "for "
      "example WEBHOOK_WORKER_ODOO_URL, takes precedence over the file; lists are separated by "
      "commas there.");
  for (const Section& section : Sections()) {
    text += "\n" + Comment(section.description) + fmt::format("[{}]\n", section.name);
    for (const Key& key : Keys()) {
      if (key.section == section.name) text += KeyText(key);
    }
  }
  return text;
}

}  // namespace webhook::config
