// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/migrations.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include "lib/journal/journal_error.h"

namespace webhook::journal {
namespace {

int LatestVersion(std::span<const Migration> migrations) {
  return migrations.empty() ? 0 : migrations.back().version;
}

int Version(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

bool IsEmpty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
}

// The version number is part of the transaction, as every page of the file is.
void Apply(SQLite::Database& database, const Migration& migration, const StoreKind& kind) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  database.exec(migration.sql);
  database.exec(fmt::format("PRAGMA application_id = {}", kind.application_id));
  database.exec(fmt::format("PRAGMA user_version = {}", migration.version));
  transaction.commit();
}

}  // namespace

void CheckFormat(SQLite::Database& database, std::span<const Migration> migrations,
                 const std::string& path, const StoreKind& kind) {
  const int application_id = database.execAndGet("PRAGMA application_id").getInt();
  const int version = Version(database);
  const bool fresh = application_id == 0 && version == 0 && IsEmpty(database);
  if (!fresh && application_id != kind.application_id) {
    throw JournalError(
        fmt::format("{} is a database of something else, not {} {}: give the {} another path", path,
                    kind.article, kind.noun, kind.noun));
  }
  if (version > LatestVersion(migrations)) {
    throw JournalError(
        fmt::format("the {} {} was written by a newer webhook-worker (format {}, this one "
                    "knows up to {}): run that version again, or a newer one",
                    kind.noun, path, version, LatestVersion(migrations)));
  }
}

void Migrate(SQLite::Database& database, std::span<const Migration> migrations,
             const std::string& path, const StoreKind& kind) {
  for (const Migration& migration : migrations) {
    if (migration.version <= Version(database)) continue;
    try {
      Apply(database, migration, kind);
    } catch (const SQLite::Exception& error) {
      throw JournalError(fmt::format("cannot bring the {} {} to format {} ({}): {}", kind.noun,
                                     path, migration.version, migration.name, error.what()));
    }
  }
}

}  // namespace webhook::journal
