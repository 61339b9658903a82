// SPDX-License-Identifier: LGPL-3.0-or-later
// The three time types of the product. Milliseconds everywhere.
#pragma once

#include <chrono>
#include <cstdint>

namespace webhook::base {

using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Milliseconds>;  // what rows and logs show
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Milliseconds>;  // deadlines

inline std::int64_t ToUnixMs(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime FromUnixMs(std::int64_t unix_ms) { return WallTime(Milliseconds(unix_ms)); }

}  // namespace webhook::base
