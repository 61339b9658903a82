// SPDX-License-Identifier: LGPL-3.0-or-later
// What an endpoint's own rules make of a queued delivery, before its handler is asked: context
// lines, header rules, payload rules, in this order. Pure, total, bounded.
#pragma once

#include "lib/base/result.h"
#include "lib/delivery/compiled_endpoint.h"
#include "lib/model/delivery.h"
#include "lib/model/outcome.h"

namespace webhook::delivery {

// Whether Odoo has said something about each field that the endpoint's rules read.
bool HasShapeFields(const CompiledEndpoint& compiled, const model::Delivery& delivery);

// Changes headers, payload and context values of a delivery whose content is not frozen; what the
// queueing code handed along as context wins over context lines. Of a frozen one only the context
// values are set, for the path. A missing value changes nothing; null takes a header away. True
// when headers or payload changed: then the first attempt has to fix them.
base::Result<bool, model::DeadLetter> ApplyShape(const CompiledEndpoint& compiled,
                                                 const model::Endpoint& endpoint,
                                                 model::Delivery& delivery);

}  // namespace webhook::delivery
