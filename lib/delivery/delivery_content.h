// SPDX-License-Identifier: LGPL-3.0-or-later
// The content of a delivery before it is built into a request: what the endpoint's own rules make
// of it, and what the first attempt fixes. Pure.
#pragma once

#include "lib/base/result.h"
#include "lib/delivery/compiled_endpoint.h"
#include "lib/model/delivery.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

// Applies the endpoint's rules (shape.h). True when they changed something, so that the attempt has
// to fix it. The error is what it comes to without being sent.
base::Result<bool, model::Outcome> ShapeDelivery(const CompiledEndpoint& compiled,
                                                 const model::Endpoint& endpoint,
                                                 model::Delivery& delivery);

model::FrozenContent ContentOf(const model::Delivery& delivery);
void SetContent(const model::FrozenContent& content, model::Delivery& delivery);

}  // namespace webhook::delivery
