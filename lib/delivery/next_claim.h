// SPDX-License-Identifier: LGPL-3.0-or-later
// When a dispatcher claims again after an answer. Pure.
#pragma once

#include <algorithm>

#include "lib/base/time.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

// `patience`: how long it would wait knowing nothing. What is overdue and was not handed out
// (locked, or not to be taken over yet) would not be handed out at once either: `overdue` at most.
inline base::Milliseconds NextClaimIn(const model::ClaimAnswer& answer, base::Milliseconds patience,
                                      base::Milliseconds overdue) {
  if (!answer.next_due_at) return patience;
  const base::Milliseconds due_in = *answer.next_due_at - answer.envelope.server_time;
  if (due_in <= base::Milliseconds(0)) return std::min(patience, overdue);
  return std::clamp(due_in, base::Milliseconds(10), patience);
}

}  // namespace webhook::delivery
