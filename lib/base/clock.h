// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: what time it is. The only place that reads the machine's clocks is clock.cc.
#pragma once

#include "lib/base/time.h"

namespace webhook::base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;
  virtual SteadyTime SteadyNow() const = 0;
};

// The machine's clocks. Any thread.
class SystemClock final : public Clock {
 public:
  WallTime Now() const override;
  SteadyTime SteadyNow() const override;
};

}  // namespace webhook::base
