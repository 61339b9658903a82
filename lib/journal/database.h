// SPDX-License-Identifier: LGPL-3.0-or-later
// The one place that opens the SQLite database of a journal or an inbox.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <span>
#include <string>

#include "lib/base/time.h"
#include "lib/journal/migrations.h"

namespace webhook::journal {

constexpr int kPageBytes = 4096;

struct DatabaseSettings {
  std::string path;
  StoreKind kind;
  std::span<const Migration> migrations;
  // Whether a commit waits for the disk (synchronous = FULL), and so survives a power cut. Without,
  // it survives the death of the process; checkpoints do fsync, so the file is never torn.
  bool commits_reach_disk;
  bool returns_pages;  // whether freed pages can be given back to the file system (a new file only)
  std::int64_t bytes_max;  // of the tables
  int cache_kib;
  base::Milliseconds busy_timeout;
};

// Opens or creates it with every setting that matters said, and brings it to the present format.
// The connection is for one thread at a time. Throws JournalError.
SQLite::Database OpenDatabase(const DatabaseSettings& settings);

}  // namespace webhook::journal
