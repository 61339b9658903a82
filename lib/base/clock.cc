// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/clock.h"

namespace webhook::base {

WallTime SystemClock::Now() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::SteadyNow() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::steady_clock::now());
}

}  // namespace webhook::base
