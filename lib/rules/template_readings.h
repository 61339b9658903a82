// SPDX-License-Identifier: LGPL-3.0-or-later
// What a template refers to. Pure.
#pragma once

#include <vector>

#include "lib/model/rule.h"
#include "lib/rules/reading.h"

namespace webhook::rules {

// Of a template its references, in their order; of another source, or one that does not parse,
// none.
std::vector<Reading> ReadingsOf(const model::Source& source);

}  // namespace webhook::rules
