// SPDX-License-Identifier: LGPL-3.0-or-later
// Says loudly, now and then while it lasts, that accepted events do not get to Odoo or that no more
// can be accepted, and once when that is over. Time is handed in. One thread.
#pragma once

#include "lib/base/event_log.h"
#include "lib/base/time.h"
#include "lib/observe/metrics.h"
#include "lib/observe/throttle.h"

namespace webhook::observe {

struct InboxAlarmOptions {
  base::Milliseconds oldest_age_max{60'000};  // an event older than this is late
  base::Milliseconds repeat_interval{300'000};
};

class InboxAlarm {
 public:
  // The log outlives it.
  explicit InboxAlarm(base::EventLog& log, const InboxAlarmOptions& options = {});

  // How the inbox is now. Called every few seconds.
  void Check(const InboxNumbers& inbox, base::SteadyTime now);

 private:
  void CheckHealth(const InboxNumbers& inbox, base::SteadyTime now);
  void CheckAge(const InboxNumbers& inbox, base::SteadyTime now);

  base::EventLog& log_;
  const base::Milliseconds oldest_age_max_;
  Throttle unhealthy_;
  Throttle late_;
};

}  // namespace webhook::observe
