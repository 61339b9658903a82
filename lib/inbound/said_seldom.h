// SPDX-License-Identifier: LGPL-3.0-or-later
// Says what goes on and on at most once in a while, with how often it was not said. Pure: time is
// handed in. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/time.h"

namespace webhook::inbound {

class SaidSeldom {
 public:
  explicit SaidSeldom(base::Milliseconds interval) : interval_(interval) {}

  // A value: say it now; how many were kept back since the last time.
  std::optional<std::uint64_t> Note(base::SteadyTime now) {
    if (next_ && now < *next_) {
      ++kept_;
      return std::nullopt;
    }
    next_ = now + interval_;
    const std::uint64_t kept = kept_;
    kept_ = 0;
    return kept;
  }

 private:
  const base::Milliseconds interval_;
  std::optional<base::SteadyTime> next_;
  std::uint64_t kept_ = 0;
};

}  // namespace webhook::inbound
