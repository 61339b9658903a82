// SPDX-License-Identifier: LGPL-3.0-or-later
// Who this worker is in Odoo: a UUID that lives as long as its journal.
#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/delivery/ports/journal.h"

namespace webhook::app {

// The one in the journal, or a new one that is written to it.
std::string WorkerUid(const delivery::JournalContents& contents, delivery::Journal& journal,
                      const base::Clock& clock, base::Random& random);

}  // namespace webhook::app
