// SPDX-License-Identifier: LGPL-3.0-or-later
// Dates and times of fields, from what lib/rules/instant.h reads. Pure.
#pragma once

#include "lib/rules/coerce.h"

namespace webhook::rules {

// To "2026-11-24".
Coerced CoerceDate(const model::Value& value);

// To "2026-11-24 10:00:00", UTC. Fractions of a second are cut off.
Coerced CoerceDatetime(const model::Value& value);

}  // namespace webhook::rules
