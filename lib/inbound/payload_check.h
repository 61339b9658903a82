// SPDX-License-Identifier: LGPL-3.0-or-later
// Whether a body is what the endpoint's payload contract says. Pure; any thread; total.
// - json_object, json_value: JSON, also when it is called text/plain; nothing at all counts as {}.
//   Form, multipart, XML and HTML are another media type;
// - form: urlencoded or multipart, and nothing else;
// - text: anything but a form;
// - any: as its Content-Type says; without a telling one anything.
// A Content-Encoding is another media type everywhere: nothing is decompressed.
#pragma once

#include <optional>
#include <string>

#include "lib/inbound/rejection_category.h"
#include "lib/inbound/request.h"
#include "lib/model/inbound_endpoint.h"

namespace webhook::inbound {

struct PayloadProblem {
  RejectionCategory category;  // kMediaType or kPayload
  std::string reason;          // without a byte of the body
};

std::optional<PayloadProblem> CheckPayload(model::PayloadContract contract, const Request& request);

}  // namespace webhook::inbound
