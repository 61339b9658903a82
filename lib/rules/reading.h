// SPDX-License-Identifier: LGPL-3.0-or-later
// One value of the facts, by the kind of its source and an expression:
// - payload_path, item_path, context_key, request_field, response_body: a path (lib/rules/path.h);
//   header names below request `headers` may be of any case;
// - resolved_value, semantic_field, query_parameter: a key as a whole, else a path;
// - header, response_header: a name of any case; - response_status: nothing;
// - event_field and the other fields of records: names with dots, as Odoo handed them over.
// What a null pointer of the facts stands for is missing; a field of a record that was not handed
// over is an error. Pure and total.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/model/rule.h"
#include "lib/model/value.h"
#include "lib/rules/facts.h"
#include "lib/rules/path.h"

namespace webhook::rules {

struct Reading {
  model::SourceKind kind = model::SourceKind::kPayloadPath;
  std::string expression;    // as written; of headers in lower case
  std::optional<Path> path;  // of the kinds that walk one
  std::string need;          // "event_field:topic" of the fields of records; empty otherwise
};

// Precondition: neither a literal nor a template.
base::Result<Reading, std::string> CompileReading(model::SourceKind kind,
                                                  const std::string& expression);

base::Result<model::Value, std::string> Read(const Reading& reading, const Facts& facts);

}  // namespace webhook::rules
