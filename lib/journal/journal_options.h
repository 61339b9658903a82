// SPDX-License-Identifier: LGPL-3.0-or-later
// Where the journal is and how large things may get. Every limit is a backstop: reaching one makes
// the journal unhealthy, so the engine keeps well below them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/base/time.h"

namespace webhook::journal {

struct JournalOptions {
  std::string path;

  // Of the tables; and of the write-ahead log, should a foreign reader keep it from being emptied.
  // The file keeps its largest size, freed pages are used again.
  std::int64_t journal_bytes_max = std::int64_t{512} << 20;
  std::size_t settlement_json_bytes_max = std::size_t{16} << 20;
  std::size_t entries_per_commit_max = 1024;  // an append is never split: one larger goes alone
  std::size_t appends_queued_max = 100'000;
  int checkpoint_pages = 4000;  // of 4 KiB in the write-ahead log, from which on it is written back
  base::Milliseconds busy_timeout = base::Milliseconds(5000);  // a person with sqlite3 in hand
};

}  // namespace webhook::journal
