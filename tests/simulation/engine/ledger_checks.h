// SPDX-License-Identifier: LGPL-3.0-or-later
// What the receivers can tell from their own ledger: how many requests came in any window, how many
// were open at once, and in what order those of a lane came.
#pragma once

#include <string>
#include <vector>

#include "lib/base/time.h"
#include "rpc/embedded/embedded_odoo.h"
#include "tests/simulation/engine/receivers.h"

namespace webhook::simulation {

// Of the requests to one path from a moment on:
int MostInWindow(const Ledger& ledger, const std::string& path, base::Milliseconds period);
int MostAtOnce(const Ledger& ledger, const std::string& path, base::SteadyTime from);

// Of each lane nothing came before what was queued earlier had been answered 2xx, or, when it ended
// otherwise, before its last request. What is broken, as sentences.
std::vector<std::string> BrokenLanes(const Ledger& ledger, const embedded::EmbeddedOdoo& odoo);

}  // namespace webhook::simulation
