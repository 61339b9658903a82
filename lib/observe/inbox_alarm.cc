// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/observe/inbox_alarm.h"

namespace webhook::observe {

using base::Level;

InboxAlarm::InboxAlarm(base::EventLog& log, const InboxAlarmOptions& options)
    : log_(log),
      oldest_age_max_(options.oldest_age_max),
      unhealthy_(options.repeat_interval, options.repeat_interval),
      late_(options.repeat_interval, options.repeat_interval) {}

void InboxAlarm::Check(const InboxNumbers& inbox, base::SteadyTime now) {
  CheckHealth(inbox, now);
  CheckAge(inbox, now);
}

void InboxAlarm::CheckHealth(const InboxNumbers& inbox, base::SteadyTime now) {
  if (inbox.healthy) {
    if (const auto lasted = unhealthy_.End(now)) {
      log_.Write(Level::kInfo, "inbox.healthy_again", {{"after_ms", lasted->lasting.count()}});
    }
    return;
  }
  if (const auto said = unhealthy_.Note(now)) {
    log_.Write(Level::kError, "inbox.unhealthy",
               {{"why", inbox.failure},
                {"for_ms", said->lasting.count()},
                {"bytes_used", inbox.bytes_used},
                {"bytes_max", inbox.bytes_max},
                {"events", inbox.event_count}});
  }
}

void InboxAlarm::CheckAge(const InboxNumbers& inbox, base::SteadyTime now) {
  const base::Milliseconds age = inbox.oldest_age.value_or(base::Milliseconds(0));
  if (age <= oldest_age_max_) {
    if (const auto lasted = late_.End(now)) {
      log_.Write(Level::kInfo, "inbox.in_time_again", {{"after_ms", lasted->lasting.count()}});
    }
    return;
  }
  if (late_.Note(now)) {
    log_.Write(Level::kError, "inbox.late",
               {{"oldest_age_ms", age.count()},
                {"events", inbox.event_count},
                {"bytes_used", inbox.bytes_used},
                {"bytes_max", inbox.bytes_max}});
  }
}

}  // namespace webhook::observe
