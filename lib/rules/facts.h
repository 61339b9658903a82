// SPDX-License-Identifier: LGPL-3.0-or-later
// What rules may read of one event or delivery. Borrowed: everything outlives the evaluation. A
// null pointer means that this phase has no such thing; its sources are then missing.
#pragma once

#include "lib/model/value.h"

namespace webhook::rules {

struct Facts {
  const model::Value* payload = nullptr;          // missing when the body is not JSON
  const model::Value* headers = nullptr;          // object: lower-case name to text
  const model::Value* query = nullptr;            // object: name to text
  const model::Value* resolved_values = nullptr;  // object
  const model::Value* semantics = nullptr;        // object: topic, event_type, … to text
  // Object: "event_field:topic" to its value; "event_field:topic!" to the reason why it could not
  // be read.
  const model::Value* fields = nullptr;
  const model::Value* context = nullptr;  // object: what the queueing code handed along
  const model::Value* request = nullptr;  // object: http_method, target_url, headers, payload
  const model::Value* response_status = nullptr;   // number; missing when there was no reply
  const model::Value* response_headers = nullptr;  // object: lower-case name to text
  const model::Value* response_body = nullptr;     // JSON when it is, else text
  const model::Value* item = nullptr;              // the item of a payload list, in its assignments
};

}  // namespace webhook::rules
