// SPDX-License-Identifier: LGPL-3.0-or-later
// The one function that decides a delivery's next state (schema/README.md draws it). Pure, total.
#pragma once

#include <optional>
#include <string>

#include "lib/base/time.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

struct JobHistory {
  int attempt_count = 0;  // recorded before this one
  base::WallTime queued_at;
  std::optional<base::WallTime> expires_at = std::nullopt;  // its own, beside the policy's age_max
};

// Why its time is over at that moment: "not delivered within 3600 s", or by its own time. Empty: it
// is not.
std::string WhyExpired(const model::RetryPolicy& policy, const JobHistory& job, base::WallTime at);

// `jitter` in [0, 1). A delay only ever grows by it: never before the schedule, never before
// Retry-After. What a rule or callback asks for is taken exactly. Of events `queued_at` is when it
// was received.
model::Transition Decide(const model::RetryPolicy& policy, const JobHistory& job,
                         const model::Outcome& outcome, base::WallTime now, double jitter);

}  // namespace webhook::delivery
