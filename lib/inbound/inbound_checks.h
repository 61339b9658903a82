// SPDX-License-Identifier: LGPL-3.0-or-later
// What is wrong with an inbound endpoint besides its paths, networks and secrets: names of headers,
// bindings that lead nowhere, policies and signatures without what they need, a timestamp that is
// not signed. Pure; total.
#pragma once

#include <string_view>

#include "lib/delivery/endpoint_findings.h"
#include "lib/inbound/compiled_inbound.h"

namespace webhook::inbound {

delivery::FindingPlace PlaceOf(const model::ValueSource& source, std::string_view field);
delivery::FindingPlace PlaceOf(const model::VerifiedPart& part, std::string_view field);

void CheckInbound(const CompiledInbound& endpoint, delivery::EndpointFindings& findings);

}  // namespace webhook::inbound
