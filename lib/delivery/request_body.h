// SPDX-License-Identifier: LGPL-3.0-or-later
// The body of a delivery as bytes: a function of method, body mode, payload and files alone, so
// that every attempt and every replay sends the same. Pure, total.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

struct RequestBody {
  bool is_sent = true;  // false: the method carries none
  std::string bytes;
  std::string content_type;            // of the body mode
  bool content_type_is_fixed = false;  // a multipart body cannot be called anything else
  std::string query;                   // encoded: what a form becomes when there is no body
};

// The error names the field: "payload: …", "files: …".
base::Result<RequestBody, std::string> MakeRequestBody(const model::Delivery& delivery);

}  // namespace webhook::delivery
