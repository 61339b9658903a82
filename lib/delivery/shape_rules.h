// SPDX-License-Identifier: LGPL-3.0-or-later
// An endpoint's context lines, header rules and payload rules, checked and parsed. Pure.
#pragma once

#include "lib/delivery/compiled_endpoint.h"
#include "lib/delivery/endpoint_findings.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

// Fills context_lines, header_rules, payload_rules and needs.
void CompileShapeRules(const model::Endpoint& endpoint, EndpointFindings& findings,
                       CompiledEndpoint& compiled);

}  // namespace webhook::delivery
