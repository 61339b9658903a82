// SPDX-License-Identifier: LGPL-3.0-or-later
// What a callback's answer, or its failure, means for the event or delivery. An unknown answer is
// never a success. Pure.
#pragma once

#include "lib/delivery/callback_caller.h"
#include "lib/delivery/decision.h"
#include "lib/delivery/ports/callback_runner.h"
#include "lib/model/configuration.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

EventCallbackResult EventDecision(const model::Handler& handler, CallbackResult result);
EventCallbackResult EventDecision(PythonCaller::Result result);

// `content` is what would be sent without the callback; what is sent is fixed by this attempt.
SendDecision BeforeSendDecision(const model::Handler& handler, CallbackResult result,
                                model::FrozenContent content);
SendDecision BeforeSendDecision(PythonCaller::Result result, model::FrozenContent content);

}  // namespace webhook::delivery
