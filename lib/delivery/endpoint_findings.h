// SPDX-License-Identifier: LGPL-3.0-or-later
// What is wrong with one endpoint, its rows and its secrets, as findings that say what is wrong and
// what to do, and the two sentences that stop its deliveries, or the judging of its requests. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/contract.h"

namespace webhook::delivery {

// A record, its field, and how people call it: `header rule 2 (X-Shop)`.
struct FindingPlace {
  std::string model;
  model::RecordId record_id = 0;
  std::string field;
  std::string label;
};

class EndpointFindings {
 public:
  static constexpr std::size_t kFindingsMax = 200;  // the last one says how many more

  // The endpoint's model, and which one it is.
  EndpointFindings(std::string_view endpoint_model, model::RecordId endpoint_id)
      : endpoint_model_(endpoint_model), endpoint_id_(endpoint_id) {}

  // A field of the endpoint itself.
  FindingPlace Field(std::string_view field) const;

  // No request can be made, or judged.
  void Problem(const FindingPlace& place, std::string_view message);
  void Problem(std::string_view field, std::string_view message) { Problem(Field(field), message); }

  // It must not be activated like this, but it can go on.
  void Error(const FindingPlace& place, std::string_view message);

  void Warning(const FindingPlace& place, std::string_view message);

  // This worker cannot serve it; another one perhaps.
  void NotHere(const FindingPlace& place, std::string_view message);

  // The first problem, beginning with its place; empty: none.
  const std::string& problem() const { return problem_; }
  const std::string& not_here() const { return not_here_; }

  std::vector<model::Finding> Take();

 private:
  void Add(const FindingPlace& place, std::string_view message, bool is_error);

  const std::string endpoint_model_;
  const model::RecordId endpoint_id_;
  std::vector<model::Finding> findings_;
  std::size_t left_off_ = 0;
  std::string problem_;
  std::string not_here_;
};

}  // namespace webhook::delivery
