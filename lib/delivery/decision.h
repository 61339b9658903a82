// SPDX-License-Identifier: LGPL-3.0-or-later
// What a handler says about an event, about a delivery before it is sent, and about the reply.
// Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/delivery.h"
#include "lib/model/outcome.h"
#include "lib/model/record_operation.h"

namespace webhook::delivery {

// A job that cannot be decided yet is deferred so long, and spends nothing.
inline constexpr base::Milliseconds kFieldsWait{5000};    // until Odoo knows what the rules read
inline constexpr base::Milliseconds kHandlerWait{60000};  // for a handler that is not here

// Of an event, or of a reply.
struct Decision {
  model::Outcome outcome;  // of an event, Delivered stands for done
  std::string note;
  std::vector<model::RecordOperation> operations;
  std::optional<model::Execution> execution;
};

// Before sending.
struct SendDecision {
  std::optional<model::Outcome> instead;        // nothing: it is sent
  std::optional<model::FrozenContent> content;  // what is sent, now and in later attempts
  std::optional<model::Execution> execution;
  // A callback's: applied with the record of this attempt, whatever the receiver answers.
  std::vector<model::RecordOperation> operations;
};

}  // namespace webhook::delivery
