// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes accepted events out of the inbox and into Odoo, oldest first. A row leaves the inbox when
// its event is in Odoo; one that Odoo refuses for good is set aside there. Lives on the strand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/delivery/ports/inbox.h"
#include "lib/inbound/ingest_queue.h"

namespace webhook::inbound {

class Ingester {
 public:
  // Both outlive it.
  Ingester(const IngestOptions& options, delivery::Inbox& inbox, IngestQueue& queue,
           base::EventLog& log);

  // There may be rows, or duplicates to report, that were not fetched yet.
  void OnNews();

  // The queue finished a call, which reported these duplicates.
  void OnCalled(std::vector<model::DuplicateCount> duplicates);

  void Stop() { stopping_ = true; }

 private:
  void Fetch();
  void OnBatch(delivery::InboxBatch batch);
  void OnDone(std::int64_t sequence, const std::string& event_uid, IngestOutcome outcome,
              const std::string& detail);

  const std::size_t rows_max_;
  const std::size_t bytes_max_;
  delivery::Inbox& inbox_;
  IngestQueue& queue_;
  base::EventLog& log_;
  std::int64_t after_sequence_ = 0;     // fetched up to here
  std::vector<std::int64_t> ingested_;  // of the call that just ended
  bool has_news_ = true;                // what an earlier life left
  bool fetching_ = false;
  bool stopping_ = false;
};

}  // namespace webhook::inbound
