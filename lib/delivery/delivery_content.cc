// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/delivery_content.h"

#include "lib/delivery/decision.h"
#include "lib/delivery/shape.h"

namespace webhook::delivery {

base::Result<bool, model::Outcome> ShapeDelivery(const CompiledEndpoint& compiled,
                                                 const model::Endpoint& endpoint,
                                                 model::Delivery& delivery) {
  if (!compiled.not_here.empty()) {
    return model::Outcome(model::Deferred{kHandlerWait, compiled.not_here});
  }
  if (!compiled.problem.empty()) {
    return model::Outcome(
        model::DeadLetter{model::FailureReason::kRequestInvalid, compiled.problem});
  }
  if (!HasShapeFields(compiled, delivery)) {
    return model::Outcome(model::Deferred{
        kFieldsWait, "Odoo has not resolved the fields of the endpoint's rules yet"});
  }
  const auto changed = ApplyShape(compiled, endpoint, delivery);
  if (!changed.ok()) return model::Outcome(changed.error());
  return changed.value();
}

model::FrozenContent ContentOf(const model::Delivery& delivery) {
  return {delivery.http_method, delivery.target_path, delivery.request_headers, delivery.payload};
}

void SetContent(const model::FrozenContent& content, model::Delivery& delivery) {
  delivery.http_method = content.http_method;
  delivery.target_path = content.target_path;
  delivery.request_headers = content.request_headers;
  delivery.payload = content.payload;
}

}  // namespace webhook::delivery
