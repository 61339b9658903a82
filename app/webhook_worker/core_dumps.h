// SPDX-License-Identifier: LGPL-3.0-or-later
// Keeps the memory of a process that holds secrets to itself.
#pragma once

namespace webhook::app {

// No core dump is written, and no other process of the same user may attach. Callback processes
// undo the second by starting another program. Best effort; before any thread.
void ForbidCoreDumps();

}  // namespace webhook::app
