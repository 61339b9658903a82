// SPDX-License-Identifier: LGPL-3.0-or-later
// How many rejected requests of one endpoint are recorded in a minute; those beyond are counted by
// category, so that nobody can fill the inbox with requests that Odoo only shows. Bounded by the
// number of endpoints. One thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/inbound/rejection_category.h"
#include "lib/model/contract.h"
#include "lib/model/record_id.h"

namespace webhook::inbound {

struct RejectionBudgetOptions {
  int per_minute_max = 30;  // of one endpoint; 0: all are counted only
};

class RejectionBudget {
 public:
  explicit RejectionBudget(const RejectionBudgetOptions& options) : options_(options) {}

  // True: record it. False: it was counted instead.
  bool Take(model::RecordId endpoint_id, RejectionCategory category, base::SteadyTime now);

  // One that is not to be recorded, or could not be.
  void Count(model::RecordId endpoint_id, RejectionCategory category);

  bool has_counts() const { return !counts_.empty(); }
  // Those since the last call.
  std::vector<model::RejectedCount> TakeCounts();

 private:
  struct Minute {
    base::SteadyTime since;
    int recorded;
  };

  void ForgetOld(base::SteadyTime now);

  const RejectionBudgetOptions options_;
  std::map<model::RecordId, Minute> minutes_;
  std::map<std::pair<model::RecordId, RejectionCategory>, int> counts_;
};

}  // namespace webhook::inbound
