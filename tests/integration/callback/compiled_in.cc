// SPDX-License-Identifier: LGPL-3.0-or-later
// A callback that is linked into the program itself.
#include "lib/callback/registry.h"

using webhook::callback::EventContext;
using webhook::callback::Outcome;

WEBHOOK_CALLBACK("builtin.done",
                 [](EventContext&) -> Outcome { return Outcome::Done().Note("compiled in"); });
