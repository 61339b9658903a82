// SPDX-License-Identifier: LGPL-3.0-or-later
// The event or delivery that `explain --event FILE` is about. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/contract.h"
#include "lib/model/value.h"
#include "lib/rules/request_changes.h"

namespace webhook::app {

struct ExplainedEvent {
  model::ProbeSample sample;
  model::Value request;  // as given, for request_field; missing: not given

  // What a before_send rule would change.
  rules::RequestDraft Draft() const;
};

// A JSON object with a `body` and perhaps `headers`, `query`, `resolved_values`, `semantics`,
// `field_values`, `context_values`, `request` (http_method, target_path, headers) and `response`
// (status, headers, body), and nothing else. The body is JSON, or a text that holds it. Any other
// JSON is the payload itself. The error is one sentence that names what is wrong.
base::Result<ExplainedEvent, std::string> ReadEventFile(std::string_view text, model::Phase phase);

}  // namespace webhook::app
