// SPDX-License-Identifier: LGPL-3.0-or-later
// Numbers of fields, from their source text: doubles never decide, but whether one can hold it.
// Pure.
#pragma once

#include "lib/rules/coerce.h"

namespace webhook::rules {

Coerced CoerceInteger(const model::Value& value);

// To a decimal text without exponent.
Coerced CoerceDecimal(const model::Value& value);

}  // namespace webhook::rules
