// SPDX-License-Identifier: LGPL-3.0-or-later
// Registers a name twice.
#include "lib/callback/registry.h"

using webhook::callback::EventContext;
using webhook::callback::Outcome;

WEBHOOK_CALLBACK("doubled.one", [](EventContext&) -> Outcome { return Outcome::Done(); });
WEBHOOK_CALLBACK("doubled.one", [](EventContext&) -> Outcome { return Outcome::Done(); });
WEBHOOK_CALLBACK("doubled.other", [](EventContext&) -> Outcome { return Outcome::Done(); });
