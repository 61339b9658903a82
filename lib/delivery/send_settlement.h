// SPDX-License-Identifier: LGPL-3.0-or-later
// What an attempt came to, as Odoo and the log are told: next state, attempt, record operations,
// without secrets.
#pragma once

#include "lib/base/event_log.h"
#include "lib/delivery/decide.h"
#include "lib/delivery/decision.h"
#include "lib/delivery/ports/journal.h"
#include "lib/delivery/send_job.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

JobHistory HistoryOf(const SendJob& job);

// `attempted`: there is an attempt to record. Takes attempt, content and operations out of the job.
// `jitter` in [0, 1). Pure.
model::Settlement SettlementOf(SendJob& job, Decision decision, bool attempted, base::WallTime now,
                               double jitter);

// Of an attempt of an earlier life of this worker that was perhaps sent and never settled. Pure.
model::Settlement InterruptedSettlement(const SendIntent& intent, base::WallTime now);

// The canonical line: one per attempt, with everything an operator greps for.
void LogAttempt(const SendJob& job, const model::Settlement& settlement, base::WallTime now,
                base::EventLog& log);

}  // namespace webhook::delivery
