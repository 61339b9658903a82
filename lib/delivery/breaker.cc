// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/breaker.h"

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::delivery {

using base::Milliseconds;
using base::SteadyTime;

std::optional<SteadyTime> Breaker::NextAt(SteadyTime now) const {
  if (!open_until_) return now;
  if (probe_id_) return std::nullopt;
  return std::max(now, *open_until_);
}

void Breaker::OnStarted(model::RecordId delivery_id, SteadyTime now) {
  if (!open_until_) return;
  WEBHOOK_ASSERT(!probe_id_ && *open_until_ <= now);
  probe_id_ = delivery_id;
}

Breaker::Change Breaker::OnFinished(model::RecordId delivery_id, Finish::Receiver receiver,
                                    SteadyTime now) {
  const bool was_probe = probe_id_ == delivery_id;
  if (was_probe) probe_id_.reset();
  switch (receiver) {
    case Finish::Receiver::kNotAsked:
      return Change::kNone;
    case Finish::Receiver::kAnswered: {
      const bool was_open = open_until_.has_value();
      failures_ = 0;
      open_until_.reset();
      probe_id_.reset();
      return was_open ? Change::kClosed : Change::kNone;
    }
    case Finish::Receiver::kFailed:
      ++failures_;
      return OnFailed(was_probe, now);
  }
  WEBHOOK_ASSERT(false);
}

// What was under way when it opened tells nothing new when it fails as well.
Breaker::Change Breaker::OnFailed(bool was_probe, SteadyTime now) {
  if (was_probe) {
    Open(open_for_ * 2, now);
    return Change::kNone;
  }
  if (open_until_ || failures_ < settings_.failures_max) return Change::kNone;
  Open(settings_.open, now);
  return Change::kOpened;
}

void Breaker::Open(Milliseconds duration, SteadyTime now) {
  open_for_ = std::clamp(duration, Milliseconds(1), kBreakerOpenMax);
  open_until_ = now + open_for_;
}

}  // namespace webhook::delivery
