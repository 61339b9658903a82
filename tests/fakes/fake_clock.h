// SPDX-License-Identifier: LGPL-3.0-or-later
// Time that moves only when told. Reading is for any thread, moving for one.
#pragma once

#include <atomic>
#include <cstdint>

#include "lib/base/assert.h"
#include "lib/base/clock.h"

namespace webhook::fakes {

class FakeClock final : public base::Clock {
 public:
  // 2026-01-01T00:00:00Z unless told otherwise. The steady clock starts at an odd value, so that
  // mixing the two up shows.
  explicit FakeClock(base::WallTime start = base::FromUnixMs(1'767'225'600'000))
      : wall_offset_ms_(base::ToUnixMs(start) - kSteadyStartMs) {}

  base::WallTime Now() const override { return base::FromUnixMs(steady_ms_ + wall_offset_ms_); }
  base::SteadyTime SteadyNow() const override {
    return base::SteadyTime(base::Milliseconds(steady_ms_));
  }

  // Both clocks go on. Time does not run backwards.
  void AdvanceTo(base::SteadyTime time) {
    WEBHOOK_ASSERT(time >= SteadyNow());
    steady_ms_ = time.time_since_epoch().count();
  }
  void Advance(base::Milliseconds by) { AdvanceTo(SteadyNow() + by); }

  // Somebody sets the machine's clock: only the wall clock jumps, in either direction.
  void JumpWall(base::Milliseconds by) { wall_offset_ms_ += by.count(); }

 private:
  static constexpr std::int64_t kSteadyStartMs = 7'000'003;

  std::atomic<std::int64_t> steady_ms_ = kSteadyStartMs;
  std::atomic<std::int64_t> wall_offset_ms_;
};

}  // namespace webhook::fakes
