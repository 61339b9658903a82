// SPDX-License-Identifier: LGPL-3.0-or-later
// References in templates: the first name says where to look, the rest is the expression of that
// source: `payload.a.b`, `header.X-Id`, `query.k`, `value.k`, `semantic.topic`, `event.f`,
// `delivery.f`, `endpoint.f`, `company.f`, `partner.f`, `record.f.g`, `context.k`,
// `request.headers.x`, `response.status`, `response.headers.x`, `response.body.a`, `item.x`.
// `payload`, `item`, `request`, `context` and `response.body` alone are the whole. Pure and total.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/rules/reading.h"

namespace webhook::rules {

// The error of an unknown first name lists the known ones and suggests the nearest.
base::Result<Reading, std::string> ParseReference(std::string_view text);

}  // namespace webhook::rules
