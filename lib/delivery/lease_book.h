// SPDX-License-Identifier: LGPL-3.0-or-later
// Which leases we hold, from the claim until Odoo has answered the settlement or the release. Lives
// on the strand.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

class LeaseBook {
 public:
  // The deadline is ours: counted from before the call that got the lease, so never later than
  // Odoo's.
  void Add(const model::Lease& lease, base::SteadyTime deadline);
  void Extend(const model::Lease& lease, base::SteadyTime deadline);

  // True when it was the last one of its claim.
  bool Remove(const model::Lease& lease);

  bool Holds(const model::Lease& lease) const { return Deadline(lease).has_value(); }
  std::optional<base::SteadyTime> Deadline(const model::Lease& lease) const;
  std::vector<model::Lease> EndingBefore(base::SteadyTime time) const;
  std::size_t size() const { return size_; }

 private:
  std::map<std::string, std::map<model::RecordId, base::SteadyTime>> claims_;  // by token
  std::size_t size_ = 0;
};

}  // namespace webhook::delivery
