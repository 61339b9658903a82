// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/plan_error.h"

#include <utility>

#include "lib/base/text.h"
#include "lib/rules/short_json.h"

namespace webhook::rules {
namespace {

constexpr std::size_t kShownBytesMax = 200;

std::string PlaceText(const PlanPlace& place) {
  std::string text;
  if (!place.rule.empty())
    text = "rule \"" + base::PrintableText(place.rule, kShownBytesMax) + "\"";
  if (!place.row.empty()) text += (text.empty() ? "" : ", ") + place.row;
  if (!place.field.empty()) text += " (" + base::PrintableText(place.field, kShownBytesMax) + ")";
  return text;
}

}  // namespace

PlanError MisfitError(PlanPlace place, const model::Value& found, std::string expectation) {
  std::string shown;
  AppendShortJson(shown, found, kShownBytesMax);
  return PlanError{std::move(place), std::move(shown), std::move(expectation), false};
}

PlanError PlaceError(PlanPlace place, std::string sentence) {
  return PlanError{std::move(place), {}, std::move(sentence), false};
}

PlanError WithoutValue(PlanError error) {
  const bool is_nothing = error.value == "missing" || error.value == "null";
  if (!error.value.empty() && !is_nothing) error.value = "(redacted)";
  return error;
}

std::string PlanErrorText(const PlanError& error) {
  const std::string place = PlaceText(error.place);
  const std::string found = error.value.empty() ? "" : "found " + error.value + ", expected ";
  return place + (place.empty() ? "" : ": ") + found + error.expectation;
}

}  // namespace webhook::rules
