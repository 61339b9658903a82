// SPDX-License-Identifier: LGPL-3.0-or-later
// Has a name that another library has.
#include "lib/callback/registry.h"

using webhook::callback::EventContext;
using webhook::callback::Outcome;

WEBHOOK_CALLBACK("test.raw", [](EventContext&) -> Outcome { return Outcome::Done(); });
WEBHOOK_CALLBACK("twin.other", [](EventContext&) -> Outcome { return Outcome::Done(); });
