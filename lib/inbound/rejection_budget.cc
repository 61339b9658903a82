// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/rejection_budget.h"

#include <string>

namespace webhook::inbound {

namespace {

constexpr std::chrono::minutes kWindow{1};

// Endpoints that were deleted leave their minutes behind; beyond so many the old ones go.
constexpr std::size_t kMinutesMax = 10'000;

constexpr int kCountMax = 1'000'000'000;  // of the contract

}  // namespace

bool RejectionBudget::Take(model::RecordId endpoint_id, RejectionCategory category,
                           base::SteadyTime now) {
  if (minutes_.size() >= kMinutesMax) ForgetOld(now);
  Minute& minute = minutes_.try_emplace(endpoint_id, Minute{now, 0}).first->second;
  if (now - minute.since >= kWindow) minute = {now, 0};
  if (minute.recorded >= options_.per_minute_max) {
    Count(endpoint_id, category);
    return false;
  }
  ++minute.recorded;
  return true;
}

void RejectionBudget::Count(model::RecordId endpoint_id, RejectionCategory category) {
  int& count = counts_[{endpoint_id, category}];
  if (count < kCountMax) ++count;
}

std::vector<model::RejectedCount> RejectionBudget::TakeCounts() {
  std::vector<model::RejectedCount> counts;
  for (const auto& [of, count] : counts_) {
    counts.push_back({of.first, std::string(Spelling(of.second)), count});
  }
  counts_.clear();
  return counts;
}

void RejectionBudget::ForgetOld(base::SteadyTime now) {
  std::erase_if(minutes_, [now](const auto& entry) { return now - entry.second.since >= kWindow; });
}

}  // namespace webhook::inbound
