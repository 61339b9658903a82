// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the inbox is, and its limits. Reaching one is no failure: what comes then is answered
// kNoRoom, and the sender tries again later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/base/time.h"

namespace webhook::journal {

struct InboxOptions {
  std::string path;

  // Of the tables' pages in use, and what waits in memory. From three quarters of it on, identities
  // of events that are in Odoo go before their time, oldest first: Odoo recognises them too; and
  // what has no identity, rejected requests, is not taken.
  std::int64_t bytes_max = std::int64_t{1} << 30;
  std::int64_t disk_free_bytes_min = std::int64_t{64} << 20;  // left to the journal beside it

  // Memory of what waits for the disk.
  std::size_t queued_max = 20'000;
  std::size_t queued_bytes_max = std::size_t{64} << 20;

  int identity_days = 3;
  std::size_t rows_per_commit_max = 1024;
  std::size_t bytes_per_commit_max = std::size_t{16} << 20;  // one row whatever its size
  std::size_t duplicates_per_fetch_max = 1000;

  int checkpoint_pages = 2000;  // of 4 KiB in the write-ahead log, from which on it is written back
  std::int64_t log_bytes_max = std::int64_t{256} << 20;  // while another program reads the file
  std::int64_t free_bytes_kept = std::int64_t{16}
                                 << 20;  // of freed pages; more goes back when idle
  base::Milliseconds busy_timeout = base::Milliseconds(2000);    // a person with sqlite3 in hand
  base::Milliseconds probe_interval = base::Milliseconds(1000);  // of an inbox that has failed
};

}  // namespace webhook::journal
