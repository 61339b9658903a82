// SPDX-License-Identifier: LGPL-3.0-or-later
// What a handler's rules make of an event, for people: findings, the trace, and what the matched
// rule would write or send. Applies nothing. Pure.
#pragma once

#include <string>

#include "app/webhook_worker/explain_event.h"
#include "lib/model/configuration.h"

namespace webhook::app {

struct ExplainReport {
  std::string text;  // lines, each ended
  bool ok = true;    // false: the evaluation or the plan ended with an error
};

ExplainReport Explain(const model::Handler& handler, const ExplainedEvent& event);

}  // namespace webhook::app
