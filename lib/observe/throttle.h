// SPDX-License-Identifier: LGPL-3.0-or-later
// Says a lasting trouble now and then instead of each time: at once, after `interval_min`, then at
// doubling intervals up to `interval_max`. Pure: time is handed in. One thread.
//
//   if (auto said = waiting.Note(clock.SteadyNow()))
//     log.Write(Level::kWarning, "odoo.waiting", {{"for_ms", said->lasting.count()}});
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/time.h"

namespace webhook::observe {

class Throttle {
 public:
  struct Occurrence {
    base::Milliseconds lasting;      // since the trouble was first noted
    std::uint64_t repetitions_kept;  // noted but not said since it was said last
  };

  // Precondition: 0 < interval_min <= interval_max.
  Throttle(base::Milliseconds interval_min, base::Milliseconds interval_max);

  // The trouble is there. A value: say it now.
  std::optional<Occurrence> Note(base::SteadyTime now);

  // The trouble is over. A value: it had been said, so say that too. The next one is said at once.
  std::optional<Occurrence> End(base::SteadyTime now);

 private:
  struct Trouble {
    base::SteadyTime since;
    base::SteadyTime next;
    base::Milliseconds interval;
    std::uint64_t repetitions_kept;
  };

  base::Milliseconds interval_min_;
  base::Milliseconds interval_max_;
  std::optional<Trouble> trouble_;
};

}  // namespace webhook::observe
