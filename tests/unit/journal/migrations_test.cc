// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/migrations.h"

#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "lib/journal/journal_error.h"

using namespace webhook::journal;

namespace {

SQLite::Database MemoryDatabase() {
  return SQLite::Database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
}

int Version(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

// The tables as SQL, to compare two journals of one format.
std::string Schema(SQLite::Database& database) {
  return database
      .execAndGet(
          "SELECT coalesce(group_concat(sql, ';'), '') FROM (SELECT sql FROM sqlite_schema "
          "ORDER BY name)")
      .getString();
}

constexpr std::array kThreeSteps = {
    Migration{1, "0001_a.sql", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"},
    Migration{2, "0002_b.sql", "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO a VALUES (2);"},
    Migration{3, "0003_c.sql", "ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a VALUES (3, 'y');"}};

}  // namespace

TEST_CASE("the bundled migrations are numbered from 1 without gaps") {
  int expected = 0;
  for (const Migration& migration : BundledMigrations()) CHECK(migration.version == ++expected);
  CHECK(expected >= 1);
}

TEST_CASE("every older format becomes the present one, the same as a fresh journal's") {
  const auto migrations = BundledMigrations();
  SQLite::Database fresh = MemoryDatabase();
  Migrate(fresh, migrations, "fresh");
  for (std::size_t older = 0; older <= migrations.size(); ++older) {
    CAPTURE(older);
    SQLite::Database database = MemoryDatabase();
    Migrate(database, migrations.first(older), "older");
    CheckFormat(database, migrations, "older");
    Migrate(database, migrations, "older");
    CHECK(Version(database) == migrations.back().version);
    CHECK(database.execAndGet("PRAGMA application_id").getInt() == kApplicationId);
    CHECK(Schema(database) == Schema(fresh));
  }
}

TEST_CASE("an inbox has migrations and an application id of its own") {
  int expected = 0;
  for (const Migration& migration : BundledInboxMigrations()) {
    CHECK(migration.version == ++expected);
  }
  SQLite::Database database = MemoryDatabase();
  Migrate(database, BundledInboxMigrations(), "/i", kInboxKind);
  CHECK(Version(database) == expected);
  CHECK(database.execAndGet("PRAGMA application_id").getInt() == kInboxApplicationId);
  CheckFormat(database, BundledInboxMigrations(), "/i", kInboxKind);
  CHECK_THROWS_WITH_AS(
      CheckFormat(database, BundledMigrations(), "/i"),
      "/i is a database of something else, not a journal: give the journal another path",
      JournalError);
}

TEST_CASE("each migration runs once, from whatever format, and keeps the rows") {
  const std::span<const Migration> steps = kThreeSteps;
  for (std::size_t older = 0; older <= steps.size(); ++older) {
    SQLite::Database database = MemoryDatabase();
    Migrate(database, steps.first(older), "test");
    Migrate(database, steps, "test");
    Migrate(database, steps, "test");
    CHECK(Version(database) == 3);
    CHECK(database.execAndGet("SELECT group_concat(x) FROM a").getString() == "1,2,3");
  }
}

TEST_CASE("a migration that fails half-way leaves the journal at the version before") {
  std::array steps = kThreeSteps;
  steps[1].sql = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);";
  SQLite::Database database = MemoryDatabase();
  CHECK_THROWS_WITH_AS(Migrate(database, steps, "/j"),
                       "cannot bring the journal /j to format 2 (0002_b.sql): no such table: "
                       "nowhere",
                       JournalError);
  CHECK(Version(database) == 1);
  CHECK_FALSE(database.tableExists("b"));
  Migrate(database, kThreeSteps, "/j");
  CHECK(Version(database) == 3);
}

TEST_CASE("a journal newer than the binary is refused") {
  SQLite::Database database = MemoryDatabase();
  Migrate(database, kThreeSteps, "/j");
  const std::span<const Migration> steps = kThreeSteps;
  CHECK_THROWS_WITH_AS(CheckFormat(database, steps.first(2), "/j"),
                       "the journal /j was written by a newer webhook-worker (format 3, this one "
                       "knows up to 2): run that version again, or a newer one",
                       JournalError);
}

TEST_CASE("a database of something else is refused") {
  const char* const foreign[] = {"CREATE TABLE t (x)", "PRAGMA user_version = 1",
                                 "PRAGMA application_id = 42"};
  for (const char* sql : foreign) {
    SQLite::Database database = MemoryDatabase();
    database.exec(sql);
    CHECK_THROWS_WITH_AS(
        CheckFormat(database, BundledMigrations(), "/j"),
        "/j is a database of something else, not a journal: give the journal another path",
        JournalError);
  }
}
