// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/lease_book.h"

namespace webhook::delivery {

void LeaseBook::Add(const model::Lease& lease, base::SteadyTime deadline) {
  const bool added = claims_[lease.lease_token].insert_or_assign(lease.job_id, deadline).second;
  if (added) ++size_;
}

void LeaseBook::Extend(const model::Lease& lease, base::SteadyTime deadline) {
  if (Holds(lease)) claims_[lease.lease_token][lease.job_id] = deadline;
}

bool LeaseBook::Remove(const model::Lease& lease) {
  const auto claim = claims_.find(lease.lease_token);
  if (claim == claims_.end() || claim->second.erase(lease.job_id) == 0) return false;
  --size_;
  if (!claim->second.empty()) return false;
  claims_.erase(claim);
  return true;
}

std::optional<base::SteadyTime> LeaseBook::Deadline(const model::Lease& lease) const {
  const auto claim = claims_.find(lease.lease_token);
  if (claim == claims_.end()) return std::nullopt;
  const auto row = claim->second.find(lease.job_id);
  if (row == claim->second.end()) return std::nullopt;
  return row->second;
}

std::vector<model::Lease> LeaseBook::EndingBefore(base::SteadyTime time) const {
  std::vector<model::Lease> leases;
  for (const auto& [token, rows] : claims_) {
    for (const auto& [job_id, deadline] : rows) {
      if (deadline < time) leases.push_back({job_id, token});
    }
  }
  return leases;
}

}  // namespace webhook::delivery
