// SPDX-License-Identifier: LGPL-3.0-or-later
// What contexts are made of. Plain data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/record_id.h"
#include "lib/model/value.h"

namespace webhook::callback {

struct CommonFacts {
  std::string uid;
  model::RecordId record_id = 0;
  std::string endpoint;
  std::string handler;
  int attempt = 1;
  base::WallTime created_at;
  std::string body;
  model::Value payload;  // missing when the body is no JSON
  model::Value field_values = model::Value::ObjectOf({});
};

struct EventFacts {
  CommonFacts common;
  model::Value headers = model::Value::ObjectOf({});  // lower-case name to text
  model::Value query = model::Value::ObjectOf({});
  model::Value resolved_values = model::Value::ObjectOf({});
  model::Value semantics = model::Value::ObjectOf({});
};

struct OutgoingRequest {
  std::string http_method;  // lower case: get, post, put, patch, delete
  std::string target_path;  // starts with '/'; host and scheme are the endpoint's
  std::vector<std::pair<std::string, std::string>> headers;
  std::string payload;  // the body, byte for byte

  // Replaces the header of that name in any case, or adds it.
  void SetHeader(std::string name, std::string value);

  bool operator==(const OutgoingRequest&) const = default;
};

struct DeliveryFacts {
  CommonFacts common;  // its body is the request's payload
  OutgoingRequest request;
  model::Value context_values = model::Value::ObjectOf({});
};

}  // namespace webhook::callback
