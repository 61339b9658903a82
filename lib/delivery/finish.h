// SPDX-License-Identifier: LGPL-3.0-or-later
// What one send came to, for the queues: whether the rest of a lane may follow, and what the
// receiver showed of its health. Plain data.
#pragma once

#include "lib/model/delivery.h"

namespace webhook::delivery {

struct Finish {
  enum class Receiver {
    kNotAsked,  // no request was made, or it says nothing: our own trouble, a rule, a refusal
    kAnswered,  // any reply that proves the receiver is there (2xx, a final 4xx)
    kFailed,    // a transport failure, or a status that is retried (Classify, before any rule)
  };

  // As settled (decision.h): kDone, kDeadLetter and kCanceled let the next one of the lane start.
  model::DeliveryState state = model::DeliveryState::kError;
  Receiver receiver = Receiver::kNotAsked;
};

}  // namespace webhook::delivery
