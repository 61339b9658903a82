// SPDX-License-Identifier: LGPL-3.0-or-later
// The configuration document of one revision, as Odoo's administrators wrote it. Plain data,
// immutable once decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/endpoint.h"
#include "lib/model/inbound_endpoint.h"
#include "lib/model/record_id.h"
#include "lib/model/rule.h"

namespace webhook::model {

struct RetryPolicy {
  RecordId id = 0;
  std::vector<std::chrono::seconds>
      delays;  // after the first, second, … failure; the last one repeats
  int attempts_max = 10;
  std::chrono::seconds age_max{432000};
  int jitter_percent = 20;  // added to a delay, never taken off
  std::chrono::seconds retry_after_max{86400};
  std::string retry_statuses = {};  // "409, 500-599": retried although final by themselves
  std::string final_statuses = {};
};

enum class ExecutionMode { kModelDriven, kNative, kPython };

struct Handler {
  RecordId id = 0;
  std::string code;
  ExecutionMode execution_mode = ExecutionMode::kModelDriven;
  bool active = true;
  std::string native_callback;
  std::chrono::seconds callback_timeout{30};
  std::vector<std::string> allowed_models;  // of a callback's record operations
  std::vector<Rule> rules;                  // active ones of all phases
  FieldMetadata field_metadata;
};

struct Configuration {
  std::int64_t revision = 0;
  std::map<RecordId, Handler> handlers;
  std::map<RecordId, Endpoint> endpoints;
  std::map<RecordId, InboundEndpoint> inbound_endpoints;
  std::map<RecordId, RetryPolicy> retry_policies;
};

}  // namespace webhook::model
