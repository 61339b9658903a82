// SPDX-License-Identifier: LGPL-3.0-or-later
// An accepted inbound request as the worker holds it under a lease. Plain data.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "lib/base/time.h"
#include "lib/model/record_id.h"

namespace webhook::model {

struct Event {
  RecordId id = 0;
  std::string event_uid;
  RecordId endpoint_id = 0;
  std::optional<RecordId> handler_id;  // fixed when it was ingested
  std::string lease_token;
  base::WallTime lease_expires_at;  // Odoo's clock
  int lease_count = 0;
  int attempt_count = 0;  // failed tries recorded before this lease
  base::WallTime received_at;
  std::string body;  // the raw bytes
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> query;
  std::string resolved_values;  // JSON object
  std::map<std::string, std::string> semantics;
  std::string field_values;  // JSON object
};

}  // namespace webhook::model
