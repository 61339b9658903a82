// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/database.h"

#include <fmt/format.h>

#include "lib/journal/journal_error.h"
#include "lib/journal/journal_files.h"

namespace webhook::journal {
namespace {

constexpr std::int64_t kWalBytesKept = std::int64_t{32} << 20;  // a larger log is cut when emptied

void UseWriteAheadLog(SQLite::Database& database) {
  const std::string mode = database.execAndGet("PRAGMA journal_mode = WAL").getString();
  if (mode != "wal") throw JournalError("the file system cannot hold a write-ahead log: " + mode);
}

void Configure(SQLite::Database& database, const DatabaseSettings& settings) {
  database.exec(fmt::format("PRAGMA page_size = {}", kPageBytes));
  if (settings.returns_pages) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  UseWriteAheadLog(database);
  database.exec(settings.commits_reach_disk ? "PRAGMA synchronous = FULL"
                                            : "PRAGMA synchronous = NORMAL");
  database.exec("PRAGMA wal_autocheckpoint = 0");  // ours come after the answers, not before
  database.exec(fmt::format("PRAGMA journal_size_limit = {}", kWalBytesKept));
  database.exec(fmt::format("PRAGMA max_page_count = {}", settings.bytes_max / kPageBytes));
  database.exec(fmt::format("PRAGMA cache_size = -{}", settings.cache_kib));
  database.exec("PRAGMA mmap_size = 0");  // an I/O error is an error, not SIGBUS
  database.exec("PRAGMA temp_store = MEMORY");
  database.exec("PRAGMA trusted_schema = OFF");
  database.exec("PRAGMA cell_size_check = ON");
}

}  // namespace

SQLite::Database OpenDatabase(const DatabaseSettings& settings) {
  CreateJournalFile(settings.path);
  try {
    SQLite::Database database(settings.path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                              static_cast<int>(settings.busy_timeout.count()));
    CheckFormat(database, settings.migrations, settings.path, settings.kind);
    Configure(database, settings);
    Migrate(database, settings.migrations, settings.path, settings.kind);
    return database;
  } catch (const SQLite::Exception& error) {
    throw JournalError(
        fmt::format("cannot open the {} {}: {}", settings.kind.noun, settings.path, error.what()));
  }
}

}  // namespace webhook::journal
