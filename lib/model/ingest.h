// SPDX-License-Identifier: LGPL-3.0-or-later
// What goes into Odoo through a gateway or through Odoo's own controller, and what Odoo says to it:
// plain data of claim with `work: intake` and of ingest (schema/contract/events.schema.json).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/record_id.h"

namespace webhook::model {

// A request that Odoo's own controller took, not verified yet.
struct IntakeRow {
  RecordId id = 0;
  std::string event_uid;  // what the sender was told
  RecordId endpoint_id = 0;
  base::WallTime received_at;
  std::string http_method;
  std::string request_url;     // absolute, as the sender called it
  std::string remote_address;  // numeric; empty: unknown
  std::map<std::string, std::string> headers;
  std::string body;
};

struct EventFile {
  std::string name;  // of the form's field
  std::string filename;
  std::string content_type;
  std::string content;
};

// What a gateway has made of a request: one item of ingest.
struct IngestedEvent {
  std::string event_uid;
  RecordId endpoint_id = 0;
  base::WallTime received_at;
  bool rejected = false;
  std::string body;
  std::map<std::string, std::string> headers;  // without credentials
  std::map<std::string, std::string> query;
  std::string remote_address = {};
  std::string identity_key = {};  // empty: none
  std::string identity_source = {};
  std::string replay_identity_key = {};
  std::string replay_identity_source = {};
  bool replay_blocks = false;
  std::string handler_selector = {};
  std::map<std::string, std::string> resolved_values = {};
  std::map<std::string, std::string> semantics = {};
  std::string payload = {};  // JSON: what rules read of a body that is not JSON
  std::vector<EventFile> files = {};
  std::string rejection_category = {};
  std::string rejection_reason = {};
  std::optional<RecordId> intake_id = std::nullopt;  // the row that it comes from
};

struct DuplicateCount {
  std::string event_uid;  // of the first one
  int count = 0;
};

// Rejected requests that were counted only.
struct RejectedCount {
  RecordId endpoint_id = 0;
  std::string category;
  int count = 0;
};

struct IngestRequest {
  std::string worker_uid;
  std::vector<std::string_view> events;  // texts of EncodeIngestedEvent
  std::vector<DuplicateCount> duplicates = {};
  std::vector<RejectedCount> rejected_counts = {};
};

enum class IngestStatus { kIngested, kAlreadyIngested, kDuplicate, kFailed };

struct IngestResult {
  std::string event_uid;
  IngestStatus status = IngestStatus::kFailed;
  std::string message;
  std::string first_event_uid = {};  // of a duplicate
};

}  // namespace webhook::model
