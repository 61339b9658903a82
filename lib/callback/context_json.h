// SPDX-License-Identifier: LGPL-3.0-or-later
// Contexts as JSON, on their way into the process that runs the callback. Bytes are base64. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "lib/base/result.h"
#include "lib/callback/context_data.h"
#include "lib/model/delivery.h"
#include "lib/model/event.h"

namespace webhook::callback {

// What the worker knows besides the row.
struct ContextNames {
  std::string endpoint;  // an inbound endpoint's path, an outbound one's code
  std::string handler;   // code
};

// Values that are not the JSON objects that the model says are left out.
EventFacts FactsOf(const model::Event& event, const ContextNames& names);

// `target_path`: the one that the request would have now.
DeliveryFacts FactsOf(const model::Delivery& delivery, const std::string& target_path,
                      const ContextNames& names);

std::string EncodeContext(const EventFacts& facts);
std::string EncodeContext(const DeliveryFacts& facts);

using AnyFacts = std::variant<EventFacts, DeliveryFacts>;

// The error says what is wrong.
base::Result<AnyFacts, std::string> DecodeContext(std::string_view json);

// {"http_method": …, "target_path": …, "headers": [[name, value], …], "payload_base64": …}
model::Value EncodeRequest(const OutgoingRequest& request);
base::Result<OutgoingRequest, std::string> DecodeRequest(const model::Value& request);

}  // namespace webhook::callback
