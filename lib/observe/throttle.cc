// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/throttle.h"

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::observe {

Throttle::Throttle(base::Milliseconds interval_min, base::Milliseconds interval_max)
    : interval_min_(interval_min), interval_max_(interval_max) {
  WEBHOOK_ASSERT(interval_min.count() > 0);
  WEBHOOK_ASSERT(interval_min <= interval_max);
}

std::optional<Throttle::Occurrence> Throttle::Note(base::SteadyTime now) {
  if (!trouble_) {
    trouble_ = Trouble{now, now + interval_min_, interval_min_, 0};
    return Occurrence{base::Milliseconds(0), 0};
  }
  if (now < trouble_->next) {
    ++trouble_->repetitions_kept;
    return std::nullopt;
  }
  const Occurrence said{now - trouble_->since, trouble_->repetitions_kept};
  trouble_->interval = std::min(trouble_->interval * 2, interval_max_);
  trouble_->next = now + trouble_->interval;
  trouble_->repetitions_kept = 0;
  return said;
}

std::optional<Throttle::Occurrence> Throttle::End(base::SteadyTime now) {
  if (!trouble_) return std::nullopt;
  const Occurrence said{now - trouble_->since, trouble_->repetitions_kept};
  trouble_.reset();
  return said;
}

}  // namespace webhook::observe
