// SPDX-License-Identifier: LGPL-3.0-or-later
// The facts of one event, delivery or probe sample as rules read them, decoded once. Pure.
#pragma once

#include <string>

#include "lib/delivery/ports/http_transport.h"
#include "lib/model/contract.h"
#include "lib/model/delivery.h"
#include "lib/model/event.h"
#include "lib/model/value.h"
#include "lib/rules/facts.h"

namespace webhook::delivery {

// Missing: this has no such thing.
struct FactValues {
  model::Value payload;
  model::Value headers;
  model::Value query;
  model::Value resolved_values;
  model::Value semantics;
  model::Value fields;
  model::Value context;
  model::Value request;
  model::Value response_status;
  model::Value response_headers;
  model::Value response_body;

  // Borrows from this.
  rules::Facts View() const;
};

// The payload is what lib/rules/body_value.h reads; missing when the body is not what it says.
FactValues FactsOf(const model::Event& event);
FactValues FactsOf(const model::ProbeSample& sample);

// `request` is what would be sent now: http_method, target_url, headers, payload.
FactValues FactsOf(const model::Delivery& delivery, const std::string& target_url);

// No reply leaves the response missing.
void AddReply(const HttpResult& result, FactValues& facts);

// Whether Odoo has said something about each of the fields; it has not when a rule is newer than
// the row.
bool HasFields(const FactValues& facts, const std::vector<std::string>& needs);

}  // namespace webhook::delivery
