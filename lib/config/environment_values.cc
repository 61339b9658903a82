// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/environment_values.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/suggestion.h"

namespace webhook::config {
namespace {

constexpr std::string_view kPrefix = "WEBHOOK_WORKER_";

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A text that is no number stays a text: the key then says what it expected.
GivenValue ReadNumber(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return text;
  return number;
}

GivenValue ReadFlag(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return text;
}

GivenValue ReadList(std::string_view text) {
  std::vector<std::string> items;
  while (!Trim(text).empty()) {
    const std::size_t comma = text.find(',');
    items.emplace_back(Trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return items;
}

GivenValue ReadValue(const Slot& slot, const std::string& text) {
  return std::visit(base::Overloaded{
                        [&](const Text&) -> GivenValue { return text; },
                        [&](const SecretText&) -> GivenValue { return text; },
                        [&](const TextList&) { return ReadList(text); },
                        [&](const Whole&) { return ReadNumber(text); },
                        [&](const Large&) { return ReadNumber(text); },
                        [&](const Flag&) { return ReadFlag(text); },
                        [&](const Choice&) -> GivenValue { return text; },
                    },
                    slot);
}

const Key* FindVariable(std::string_view variable) {
  for (const Key& key : Keys()) {
    if (EnvironmentVariable(key) == variable) return &key;
  }
  return nullptr;
}

bool HasKnownSection(std::string_view variable) {
  for (const Key& key : Keys()) {
    const std::string known = EnvironmentVariable(key);
    if (variable.starts_with(known.substr(0, known.size() - key.name.size()))) return true;
  }
  return false;
}

// Names are compared without the prefix that they share, or nearly all would be near.
std::optional<Complaint> ComplainAboutUnknown(std::string_view variable) {
  std::vector<std::string> names;
  for (const Key& key : Keys()) names.push_back(EnvironmentVariable(key).substr(kPrefix.size()));
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = base::Nearest(variable.substr(kPrefix.size()), known);
  if (!nearest.empty()) {
    return Complaint{"is not a known variable",
                     fmt::format("did you mean {}{}?", kPrefix, nearest)};
  }
  if (!HasKnownSection(variable)) return {};
  return Complaint{"is not a known variable", "expected the name of a section and a key"};
}

}  // namespace

EnvironmentValues ReadEnvironmentValues(const Environment& environment) {
  EnvironmentValues values;
  for (const auto& [variable, text] : environment) {
    if (!variable.starts_with(kPrefix)) continue;
    const Place place{Cite(variable).size() == variable.size() + 2 ? variable : Cite(variable)};
    if (const Key* key = FindVariable(variable)) {
      values.given.push_back({key, ReadValue(key->slot, text), place});
    } else if (auto complaint = ComplainAboutUnknown(variable)) {
      values.errors.push_back({place, "", std::move(*complaint)});
    }
  }
  return values;
}

}  // namespace webhook::config
