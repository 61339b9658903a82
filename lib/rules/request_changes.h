// SPDX-License-Identifier: LGPL-3.0-or-later
// What a matched before_send rule makes of a request before it is sent. Pure, total, bounded.
//
// Of each assignment a missing value changes nothing. Scopes:
//
//   request  http_method   get, post, put, patch, delete, in any case
//            target_path   a path on the endpoint's host: /orders/5?full=1; of a template the
//            values are
//                          percent-encoded, so that none adds a segment or a query
//            payload       the whole body: a text is sent as it is, anything else as JSON
//   header   by its name   texts, numbers, true and false; null takes the header away
//   payload  by a path     (lib/rules/path.h) objects are made where nothing is, or null; a list
//                          index replaces an item, the next one appends; null is written as null
//
// A payload whose value stays the same keeps its bytes.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "lib/base/result.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/facts.h"
#include "lib/rules/plan_error.h"

namespace webhook::rules {

inline constexpr std::size_t kTargetPathBytesMax = 4'096;
inline constexpr std::size_t kHeadersMax = 100;
inline constexpr std::size_t kHeaderValueBytesMax = 8'192;
inline constexpr std::size_t kPayloadBytesMax = std::size_t{10} << 20;  // as Odoo's own

struct RequestDraft {
  std::string http_method;  // lower case
  std::string target_path;  // starts with '/'
  std::map<std::string, std::string> headers;
  std::string payload;  // the body, byte for byte
};

// Whether anything is changed. On an error the draft is as it was.
base::Result<bool, PlanError> ApplyAssignments(const CompiledRule& rule, const Facts& facts,
                                               RequestDraft& draft);

}  // namespace webhook::rules
