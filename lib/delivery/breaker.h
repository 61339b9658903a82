// SPDX-License-Identifier: LGPL-3.0-or-later
// The circuit breaker of one endpoint: after so many failures in a row nothing is sent for a while,
// then one delivery is let through to see. Pure.
//
// clang-format off
//                failures_max in a row                the open time is over
//     closed ───────────────────────────▶ open ─────────────────────────────▶ half-open
//       ▲ ▲                                │ ▲                                  │ │
//       │ └──── an answer, also to what ───┘ └──── the one that was let through ┘ │
//       │       was under way before              fails: twice as long, ≤ 10 min  │
//       └──────────────────────────────────── it is answered ─────────────────────┘
// clang-format on
#pragma once

#include <chrono>
#include <optional>

#include "lib/base/time.h"
#include "lib/delivery/finish.h"
#include "lib/model/endpoint.h"
#include "lib/model/record_id.h"

namespace webhook::delivery {

// However often the one that is let through fails, the next is let through after so long.
inline constexpr base::Milliseconds kBreakerOpenMax{600'000};

class Breaker {
 public:
  enum class Change { kNone, kOpened, kClosed };

  // Takes effect with the next failure; the state stays.
  void SetSettings(const model::BreakerSettings& settings) { settings_ = settings; }

  // When a delivery may start, `now` if it may now. Nothing: not before the one that was let
  // through has ended.
  std::optional<base::SteadyTime> NextAt(base::SteadyTime now) const;

  bool is_closed() const { return !open_until_; }

  // Precondition of OnStarted: NextAt is not later than `now`.
  void OnStarted(model::RecordId delivery_id, base::SteadyTime now);
  // kNotAsked says nothing, and lets another one through.
  Change OnFinished(model::RecordId delivery_id, Finish::Receiver receiver, base::SteadyTime now);

  int failures() const { return failures_; }                 // in a row
  base::Milliseconds open_for() const { return open_for_; }  // of the present or last opening

 private:
  Change OnFailed(bool was_probe, base::SteadyTime now);
  void Open(base::Milliseconds duration, base::SteadyTime now);

  model::BreakerSettings settings_;
  int failures_ = 0;
  base::Milliseconds open_for_{0};
  std::optional<base::SteadyTime> open_until_;  // nothing: closed
  std::optional<model::RecordId> probe_id_;     // let through, not ended
};

}  // namespace webhook::delivery
