// SPDX-License-Identifier: LGPL-3.0-or-later
// Brings a journal or an inbox to the format that this binary knows (schema/journal/README.md,
// schema/inbox/README.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace SQLite {
class Database;
}

namespace webhook::journal {

// "WHJL" and "WHIN": how file(1), and we, tell a journal and an inbox from another SQLite database.
constexpr std::int32_t kApplicationId = 0x57484A4C;
constexpr std::int32_t kInboxApplicationId = 0x5748494E;

struct StoreKind {
  std::int32_t application_id;
  const char* noun;  // in sentences: "a journal", "an inbox"
  const char* article;
};
constexpr StoreKind kJournalKind = {kApplicationId, "journal", "a"};
constexpr StoreKind kInboxKind = {kInboxApplicationId, "inbox", "an"};

struct Migration {
  int version;  // the one that a journal has afterwards
  const char* name;
  const char* sql;
};

// Those of schema/journal, by version from 1 without gaps. Generated at build time.
std::span<const Migration> BundledMigrations();
// Those of schema/inbox.
std::span<const Migration> BundledInboxMigrations();

// Throws JournalError when the database is not of that kind, or one of a newer binary. Writes
// nothing. `path` is for the sentence.
void CheckFormat(SQLite::Database& database, std::span<const Migration> migrations,
                 const std::string& path, const StoreKind& kind = kJournalKind);

// Applies what is missing, each migration in a transaction of its own. Throws JournalError; the
// journal is then at the last version that went through. Precondition: CheckFormat.
void Migrate(SQLite::Database& database, std::span<const Migration> migrations,
             const std::string& path, const StoreKind& kind = kJournalKind);

}  // namespace webhook::journal
