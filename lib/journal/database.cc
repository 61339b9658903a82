// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/database.h"

#include <fmt/format.h>

#include "lib/journal/journal_error.h"
#include "lib/journal/journal_files.h"
#include "lib/journal/migrations.h"

namespace webhook::journal {
namespace {

constexpr std::int64_t kWalBytesKept = std::int64_t{32} << 20;  // a larger log is cut when emptied

void UseWriteAheadLog(SQLite::Database& database) {
  const std::string mode = database.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") throw JournalError("the file system cannot hold a write-ahead log: " + mode);
}

void Configure(SQLite::Database& database, const JournalOptions& options) {
  database.exec(fmt::format("PRAGMA page_size = {}", kPageBytes));
  UseWriteAheadLog(database);
  // The outbox survives the death of the process without an fsync a commit; after a power cut the
  // next claim in Odoo writes the truth. Checkpoints do fsync, so the file is never torn.
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec("PRAGMA wal_autocheckpoint = 0");  // ours come after the answers, not before
  database.exec(fmt::format("PRAGMA journal_size_limit = {}", kWalBytesKept));
  database.exec(fmt::format("PRAGMA max_page_count = {}", options.journal_bytes_max / kPageBytes));
  database.exec("PRAGMA cache_size = -8192");  // KiB
  database.exec("PRAGMA mmap_size = 0");       // an I/O error is an error, not SIGBUS
  database.exec("PRAGMA temp_store = MEMORY");
  database.exec("PRAGMA trusted_schema = OFF");
  database.exec("PRAGMA cell_size_check = ON");
}

}  // namespace

SQLite::Database OpenDatabase(const JournalOptions& options) {
  CreateJournalFile(options.path);
  try {
    SQLite::Database database(options.path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                              static_cast<int>(options.busy_timeout.count()));
    CheckFormat(database, BundledMigrations(), options.path);
    Configure(database, options);
    Migrate(database, BundledMigrations(), options.path);
    return database;
  } catch (const SQLite::Exception& error) {
    throw JournalError(fmt::format("cannot open the journal {}: {}", options.path, error.what()));
  }
}

}  // namespace webhook::journal
