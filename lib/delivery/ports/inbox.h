// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: the durable store of accepted events that Odoo does not have yet. What it said to have
// stored survives kill -9 and a power cut. It also remembers the identities of events for some
// days, also of those that are in Odoo, and the last configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

struct InboxItem {
  std::string event_uid;
  model::RecordId endpoint_id = 0;
  std::string identity_key;  // empty: none, as of rejected requests
  std::string replay_key;    // not empty: one that was seen before makes it a duplicate
  base::WallTime received_at;
  std::string event_json;  // model::EncodeIngestedEvent
};

enum class InboxVerdict {
  kStored,     // on disk
  kDuplicate,  // counted; event_uid is that of the first one
  kNoRoom,     // the budget is spent, the disk is full, or it failed: try again later
};

struct InboxAnswer {
  InboxVerdict verdict = InboxVerdict::kNoRoom;
  std::string event_uid;
};

struct InboxRow {
  std::int64_t sequence = 0;  // grows in the order of acceptance
  std::string event_uid;
  model::RecordId endpoint_id = 0;
  std::string event_json;
};

struct InboxBatch {
  std::vector<InboxRow> rows;
  // Of events that were forgotten (Odoo has them), since they were fetched last; told again after
  // a restart until Forget.
  std::vector<model::DuplicateCount> duplicates;
};

class Inbox {
 public:
  virtual ~Inbox() = default;

  // Any thread. `done` runs once, on the inbox's own thread (or inside this call when there is no
  // room), after a commit that reached the disk. Many waiting ones share one commit.
  virtual void Accept(InboxItem item, std::function<void(InboxAnswer)> done) = 0;

  // The following are called on the strand, and answer there.

  // The oldest rows after `after_sequence` that are not set aside: at most `rows_max`, and
  // `bytes_max` of JSON (one row whatever its size).
  virtual void Fetch(std::int64_t after_sequence, std::size_t rows_max, std::size_t bytes_max,
                     std::function<void(InboxBatch)> done) = 0;

  // They are in Odoo: their rows go, their identities stay. Duplicates that were fetched are
  // reported.
  virtual void Forget(std::vector<std::int64_t> sequences,
                      std::vector<model::DuplicateCount> duplicates) = 0;

  // Odoo knows the identity of this event under another uid, of an event that another gateway
  // accepted: from now on that one is told and counted.
  virtual void Merge(std::string event_uid, std::string first_event_uid) = 0;

  // Odoo refuses it for good: kept for people, not fetched again.
  virtual void SetAside(std::int64_t sequence, std::string reason) = 0;

  // The answer to `configuration`, as it came: secrets are sealed in it.
  virtual void SaveSnapshot(std::string configuration_answer) = 0;
  // Blocking, before anything else is called; empty: there is none.
  virtual std::string LoadSnapshot() = 0;

  // Any thread.
  virtual model::InboxState State() const = 0;
};

}  // namespace webhook::delivery
