// SPDX-License-Identifier: LGPL-3.0-or-later
// What a model-driven handler decides (design, section 6: no rule matches). Pure, total.
#pragma once

#include "lib/delivery/decision.h"
#include "lib/delivery/fact_values.h"
#include "lib/model/delivery.h"
#include "lib/rules/compiled_rules.h"

namespace webhook::delivery {

// No rule matches: done. A rule that does not fit the event is tried again by the retry policy,
// because repairing the rule repairs the event.
Decision DecideEvent(const rules::CompiledHandler& handler, const FactValues& facts);

// No rule matches: it is sent. A rule that does not fit is a dead letter.
SendDecision DecideBeforeSend(const rules::CompiledHandler& handler, const FactValues& facts,
                              const model::Delivery& delivery, const std::string& target_path);

// No rule matches: the classification stays as it is. Record actions leave it as it is, too.
Decision DecideReply(const rules::CompiledHandler& handler, const FactValues& facts,
                     const model::Outcome& classified);

// Whether the handler has a rule of the phase.
bool HasRules(const rules::CompiledHandler& handler, model::Phase phase);

}  // namespace webhook::delivery
