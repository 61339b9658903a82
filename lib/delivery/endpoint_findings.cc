// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_findings.h"

#include <fmt/format.h>

#include "lib/rules/short_json.h"

namespace webhook::delivery {
namespace {

constexpr std::size_t kMessageBytesMax = 1000;

// Without the full stop that some messages bring along: the sentence may go on in another one.
std::string Sentence(const FindingPlace& place, std::string_view message) {
  if (message.ends_with('.')) message.remove_suffix(1);
  return rules::Shortened(
      place.label.empty() ? std::string(message) : fmt::format("{}: {}", place.label, message),
      kMessageBytesMax);
}

}  // namespace

FindingPlace EndpointFindings::Field(std::string_view field) const {
  return {endpoint_model_, endpoint_id_, std::string(field), std::string(field)};
}

void EndpointFindings::Problem(const FindingPlace& place, std::string_view message) {
  if (problem_.empty()) problem_ = Sentence(place, message);
  Error(place, message);
}

void EndpointFindings::Error(const FindingPlace& place, std::string_view message) {
  Add(place, message, true);
}

void EndpointFindings::Warning(const FindingPlace& place, std::string_view message) {
  Add(place, message, false);
}

void EndpointFindings::NotHere(const FindingPlace& place, std::string_view message) {
  if (not_here_.empty()) not_here_ = Sentence(place, message);
  Warning(place, message);
}

std::vector<model::Finding> EndpointFindings::Take() {
  if (left_off_ > 0) {
    findings_.push_back({endpoint_model_, endpoint_id_, "", true,
                         fmt::format("And {} more findings. Repair these first.", left_off_)});
  }
  return std::move(findings_);
}

void EndpointFindings::Add(const FindingPlace& place, std::string_view message, bool is_error) {
  if (findings_.size() + 1 >= kFindingsMax) {
    ++left_off_;
    return;
  }
  std::string text = Sentence(place, message) + '.';
  findings_.push_back({place.model, place.record_id, place.field, is_error, std::move(text)});
}

}  // namespace webhook::delivery
