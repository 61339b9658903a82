// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/write_ahead_log.h"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "lib/journal/database.h"
#include "lib/journal/journal_error.h"

namespace webhook::journal {
namespace {

int RememberPages(void* to, sqlite3*, const char*, int pages) {
  *static_cast<int*>(to) = pages;
  return SQLITE_OK;
}

}  // namespace

WriteAheadLog::WriteAheadLog(SQLite::Database& database, Limits limits)
    : database_(database), limits_(limits) {
  sqlite3_wal_hook(database_.getHandle(), RememberPages, &pages_);
}

void WriteAheadLog::CheckpointIfDue() {
  if (pages_ >= limits_.checkpoint_pages) Checkpoint();
}

void WriteAheadLog::Checkpoint() {
  int pages = 0;
  int pages_written_back = 0;
  // Passive: never waits for a reader. Once all is written back, the next commit starts the log
  // from its beginning, so it does not grow.
  const int code = sqlite3_wal_checkpoint_v2(
      database_.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &pages_written_back);
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    throw JournalError(fmt::format("cannot write the log back: {}", sqlite3_errstr(code)));
  }
  const std::int64_t log_bytes = std::int64_t{pages} * kPageBytes;
  if (pages_written_back < pages && log_bytes > limits_.bytes_max) {
    throw JournalError(
        fmt::format("another program has kept {} open so long that its log has {} bytes",
                    database_.getFilename(), log_bytes));
  }
}

}  // namespace webhook::journal
