// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/ingester.h"

#include <charconv>

namespace webhook::inbound {

using base::Level;

namespace {

// A UUIDv7 begins with the milliseconds of its making: 018f2b3c-4d5e-7….
base::WallTime TimeOf(const std::string& uuid7) {
  const std::string digits = uuid7.substr(0, 8) + (uuid7.size() > 13 ? uuid7.substr(9, 4) : "");
  std::int64_t unix_ms = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), unix_ms, 16);
  return base::FromUnixMs(unix_ms);
}

}  // namespace

Ingester::Ingester(const IngestOptions& options, delivery::Inbox& inbox, IngestQueue& queue,
                   base::EventLog& log)
    : rows_max_(options.batch_max),
      bytes_max_(options.batch_bytes_max),
      inbox_(inbox),
      queue_(queue),
      log_(log) {}

void Ingester::OnNews() {
  has_news_ = true;
  Fetch();
}

// Not before Odoo is there: what waits for it waits on disk.
void Ingester::Fetch() {
  if (!has_news_ || fetching_ || stopping_ || !queue_.ready() || !queue_.has_room()) return;
  has_news_ = false;
  fetching_ = true;
  inbox_.Fetch(after_sequence_, rows_max_, bytes_max_,
               [this](delivery::InboxBatch batch) { OnBatch(std::move(batch)); });
}

void Ingester::OnBatch(delivery::InboxBatch batch) {
  fetching_ = false;
  if (!batch.rows.empty()) has_news_ = true;  // there may be more
  for (delivery::InboxRow& row : batch.rows) {
    after_sequence_ = row.sequence;
    IngestItem item;
    item.event_uid = std::move(row.event_uid);
    item.endpoint_id = row.endpoint_id;
    item.received_at = TimeOf(item.event_uid);
    item.event_json = std::move(row.event_json);
    item.done = [this, sequence = row.sequence, uid = item.event_uid](IngestOutcome outcome,
                                                                      const std::string& detail) {
      OnDone(sequence, uid, outcome, detail);
    };
    queue_.Add(std::move(item));
  }
  queue_.AddDuplicates(batch.duplicates);
  queue_.Pump();
  Fetch();
}

void Ingester::OnDone(std::int64_t sequence, const std::string& event_uid, IngestOutcome outcome,
                      const std::string& detail) {
  if (outcome == IngestOutcome::kInOdoo) {
    if (!detail.empty() && detail != event_uid) inbox_.Merge(event_uid, detail);
    return ingested_.push_back(sequence);
  }
  log_.Write(Level::kError, "event.set_aside",
             {{"event", event_uid},
              {"in_odoo", outcome == IngestOutcome::kPoison},
              {"why", detail},
              {"do", "it is kept in the inbox: webhook-worker journal export"}});
  inbox_.SetAside(sequence, detail);
}

void Ingester::OnCalled(std::vector<model::DuplicateCount> duplicates) {
  if (!ingested_.empty() || !duplicates.empty()) {
    has_news_ = true;  // duplicates of what Odoo has now can be told
    inbox_.Forget(std::exchange(ingested_, {}), std::move(duplicates));
  }
  Fetch();
}

}  // namespace webhook::inbound
