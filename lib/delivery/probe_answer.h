// SPDX-License-Identifier: LGPL-3.0-or-later
// What rules would do with each sample of a probe, applying nothing, and how that differs from what
// was recorded. Pure, total.
#pragma once

#include "lib/model/contract.h"

namespace webhook::delivery {

model::ProbeAnswer AnswerProbe(const model::Probe& probe);

}  // namespace webhook::delivery
