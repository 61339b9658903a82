// SPDX-License-Identifier: LGPL-3.0-or-later
// Brings a journal to the format that this binary knows (schema/journal/README.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace SQLite {
class Database;
}

namespace webhook::journal {

// "WHJL": how file(1), and we, tell a journal from another SQLite database.
constexpr std::int32_t kApplicationId = 0x57484A4C;

struct Migration {
  int version;  // the one that a journal has afterwards
  const char* name;
  const char* sql;
};

// Those of schema/journal, by version from 1 without gaps. Generated at build time.
std::span<const Migration> BundledMigrations();

// Throws JournalError when the database is not a journal, or one of a newer binary. Writes nothing.
// `path` is for the sentence.
void CheckFormat(SQLite::Database& database, std::span<const Migration> migrations,
                 const std::string& path);

// Applies what is missing, each migration in a transaction of its own. Throws JournalError; the
// journal is then at the last version that went through. Precondition: CheckFormat.
void Migrate(SQLite::Database& database, std::span<const Migration> migrations,
             const std::string& path);

}  // namespace webhook::journal
