// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: the worker's own durable store. What is in it survives kill -9. Outbound entries need no
// fsync of their own: after a power cut the next claim in Odoo writes the truth about lost
// attempts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

// A claim was asked for under this token; its reply may get lost. Remembered until ClaimFinished.
struct ClaimStarted {
  std::string claim_token;
  model::JobKind kind = model::JobKind::kDelivery;
};

// Every row of the claim is settled and acknowledged, or given back.
struct ClaimFinished {
  std::string claim_token;
};

// Request bytes of this attempt may leave from now on. Unique per (delivery_id, lease_token).
struct SendIntent {
  std::int64_t delivery_id;
  std::string lease_token;
  std::string attempt_uid;
  std::string settlement_uid;  // the one that will settle this attempt
  std::string http_method;
  std::string target_url;
  base::WallTime started_at;
  // What the handler made of the content (model::EncodeFrozenContent); empty: as it was queued.
  std::string frozen_json = {};
};

// The attempt, or the event, came to this; replaces the intent of the same (job_id, lease_token),
// if there is one (a token is of deliveries or of events).
struct SettlementRecorded {
  std::string settlement_uid;
  std::int64_t job_id;
  std::string lease_token;
  std::string settlement_json;  // one item of a settle request
  model::JobKind kind = model::JobKind::kDelivery;
};

// Odoo answered for it: forget it.
struct SettlementAcknowledged {
  std::string settlement_uid;
};

// Odoo refuses it for good: kept for people, not sent again. Replaces the recorded one.
struct SettlementSetAside {
  std::string settlement_uid;
  std::string reason;
};

// A fact about the database, for example its fingerprint.
struct MetaSet {
  std::string key;
  std::string value;
};

using JournalEntry = std::variant<ClaimStarted, ClaimFinished, SendIntent, SettlementRecorded,
                                  SettlementAcknowledged, SettlementSetAside, MetaSet>;

// What a restarted worker finds. Orders are those of recording.
struct JournalContents {
  std::vector<std::string> claim_tokens;  // of deliveries
  std::vector<std::string> event_claim_tokens;
  std::vector<SendIntent> intents;              // sent perhaps, without a settlement
  std::vector<SettlementRecorded> settlements;  // not acknowledged
  std::vector<SettlementRecorded> set_aside;
  std::map<std::string, std::string> meta;
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Reads everything. Blocking; before the first Append only. Throws std::runtime_error when it
  // cannot.
  virtual JournalContents Load() = 0;

  // Records the entries atomically and in order; several appends may share one commit. `done(true)`
  // runs on the strand once they are committed, in the order of the appends. After the first
  // failure everything answers `done(false)`: when durability is in doubt, nothing more is claimed
  // or sent. Called on the strand.
  virtual void Append(std::vector<JournalEntry> entries, std::function<void(bool)> done) = 0;
};

}  // namespace webhook::delivery
