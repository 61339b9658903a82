// SPDX-License-Identifier: LGPL-3.0-or-later
// A delivery as the worker holds it under a lease, and what one attempt at it leaves behind. Plain
// data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/configuration.h"
#include "lib/model/outcome.h"
#include "lib/model/record_operation.h"

namespace webhook::model {

// Stored as text (spelling.h, schema/README.md). Only those that the worker reads or writes.
enum class DeliveryState { kQueued, kDone, kError, kDeadLetter, kCanceled };

enum class BodyMode { kJson, kFormUrlencoded, kMultipart, kRaw };

// A file of a multipart body.
struct DeliveryFile {
  std::string name;  // of the form's field
  std::string filename;
  std::string content_type;
  std::string content;
};

struct Delivery {
  RecordId id = 0;
  std::string delivery_uid;
  RecordId endpoint_id = 0;
  std::string lease_token;
  base::WallTime lease_expires_at;  // Odoo's clock
  int lease_count = 0;
  int attempt_count = 0;  // recorded before this lease
  base::WallTime queued_at;
  std::string http_method;  // lower case
  std::map<std::string, std::string> request_headers;
  BodyMode body_mode = BodyMode::kJson;
  std::string payload;  // of kJson and kRaw the body, byte for byte; else the object it is made of
  std::vector<DeliveryFile> files = {};
  std::string lane = {};                                    // empty: unordered
  std::optional<base::WallTime> expires_at = std::nullopt;  // of no use afterwards
  std::optional<RecordId> handler_id;                       // the endpoint's when it was queued
  bool content_frozen = false;        // by the first attempt: before_send is over
  std::string target_path;            // frozen by a before_send rule; empty: the endpoint's
  std::string context_values = "{}";  // JSON object
  std::string field_values = "{}";    // JSON object
};

struct Attempt {
  std::string attempt_uid;
  base::WallTime started_at;
  base::Milliseconds duration{0};
  std::string http_method;  // lower case
  std::string target_url;
  std::map<std::string, std::string> request_headers;  // captured
  std::optional<std::string> request_body;             // captured, printable
  std::optional<int> response_status_code;
  std::map<std::string, std::string> response_headers;
  std::optional<std::string> response_body;  // captured, printable
  std::string error_kind;                    // empty when there was a reply
  std::string error_message;
  bool maybe_delivered = false;
};

// Only decide() builds one.
struct Transition {
  DeliveryState state = DeliveryState::kError;
  std::optional<base::WallTime> next_attempt_at;  // with kError and kQueued
  std::optional<FailureReason> failure_reason;
  std::string failure_message;
  std::string note;
};

enum class JobKind { kDelivery, kEvent };

// Which rule matched and why: kept for people.
struct Execution {
  std::optional<RecordId> rule_id;
  std::string action;  // spelling
  std::string trace;   // JSON
};

// What before_send made of the content: every later attempt sends it.
struct FrozenContent {
  std::string http_method;  // lower case
  std::string target_path;  // empty: the endpoint's
  std::map<std::string, std::string> request_headers;
  std::string payload;
};

struct Settlement {
  std::string settlement_uid;
  JobKind kind = JobKind::kDelivery;
  RecordId job_id = 0;  // of the delivery or event
  std::string lease_token;
  std::string outcome;  // spelling of the outcome
  Transition transition;
  std::optional<Attempt> attempt;
  std::vector<RecordOperation> operations;
  std::optional<Transition> otherwise;  // with operations: when Odoo refuses them
  std::optional<Execution> execution;
  std::optional<FrozenContent> frozen;
};

}  // namespace webhook::model
