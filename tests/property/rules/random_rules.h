// SPDX-License-Identifier: LGPL-3.0-or-later
// Random values, conditions and rules for the rule engine's properties: small alphabets, so that
// things often meet.
#pragma once

#include <string>

#include "lib/base/random.h"
#include "lib/model/configuration.h"
#include "lib/model/value.h"

namespace webhook::property {

std::string RandomNumberText(base::Random& random);
model::Value RandomValue(base::Random& random, int depth_max);

// Any operator, any expected value, often one that does not fit.
model::Condition RandomCondition(base::Random& random);

// Rules that are mostly sound; `wild` ones use every source, action, scope and any text.
model::Handler RandomHandler(base::Random& random, bool wild);

}  // namespace webhook::property
