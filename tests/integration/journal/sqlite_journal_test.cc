// SPDX-License-Identifier: LGPL-3.0-or-later
// The SQLite journal on a real file: full disk, limits, damage, size, and who may open it.
#include "lib/journal/sqlite_journal.h"

#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "lib/journal/journal_error.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"

using namespace webhook;
using namespace webhook::journal;
using delivery::MetaSet;
using delivery::SettlementAcknowledged;
using delivery::SettlementRecorded;

namespace {

// Files of this process cannot grow beyond the limit, as on a full disk; also for root.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes_max) {
    std::signal(SIGXFSZ, SIG_IGN);  // write(2) answers EFBIG instead
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes_max, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_ = {};
};

struct Fixture {
  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  fakes::TemporaryDirectory directory;
  JournalOptions options{.path = directory.File("journal.db")};

  std::unique_ptr<SqliteJournal> Open() { return std::make_unique<SqliteJournal>(options, strand); }

  bool Append(SqliteJournal& journal, std::vector<delivery::JournalEntry> entries) {
    int answer = -1;
    journal.Append(std::move(entries), [&](bool ok) { answer = ok ? 1 : 0; });
    REQUIRE(strand.RunUntil([&] { return answer >= 0; }));
    return answer == 1;
  }

  // Appends settlements of 1 kB, 32 at a time in flight, until one fails; at most `count`.
  // Returns the uids that were committed.
  std::set<std::string> AppendSettlements(SqliteJournal& journal, int count) {
    std::set<std::string> committed;
    bool failed = false;
    for (int i = 0; i < count && !failed;) {
      int waiting = 0;
      for (int k = 0; k < 32; ++k, ++i, ++waiting) {
        const std::string uid = "s" + std::to_string(i);
        journal.Append({Settlement(uid)}, [&, uid](bool ok) {
          CHECK_FALSE((ok && failed));  // after a failure nothing is committed
          if (ok) committed.insert(uid);
          failed = failed || !ok;
          --waiting;
        });
      }
      REQUIRE(strand.RunUntil([&] { return waiting == 0; }));
    }
    return committed;
  }

  static SettlementRecorded Settlement(const std::string& uid) {
    return {.settlement_uid = uid,
            .job_id = 1,
            .lease_token = "l",
            .settlement_json = std::string(1000, 'x'),
            .kind = model::JobKind::kDelivery};
  }

  std::set<std::string> SettlementsAfterReopen() {
    std::set<std::string> uids;
    for (const auto& settlement : Open()->Load().settlements)
      uids.insert(settlement.settlement_uid);
    return uids;
  }

  std::int64_t FileBytes(const char* suffix = "") const {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(options.path + suffix, ignored);
    return ignored ? 0 : static_cast<std::int64_t>(size);
  }
};

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void CheckHoldsAll(const std::set<std::string>& found, const std::set<std::string>& promised) {
  for (const std::string& uid : promised) CHECK(found.contains(uid));
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a full disk: the append fails, all later ones fail, nothing is lost") {
  auto journal = Open();
  std::set<std::string> committed;
  {
    FileSizeLimit limit(300'000);
    committed = AppendSettlements(*journal, 10'000);
    CHECK_FALSE(journal->healthy());
    CHECK(Contains(journal->failure(), "the journal " + options.path + " failed: "));
  }
  // There is room again; whether the disk can be trusted is for a restart to say.
  CHECK_FALSE(Append(*journal, {MetaSet{"k", "v"}}));
  CHECK(committed.size() > 50);
  CHECK(committed.size() < 10'000);
  journal.reset();
  CheckHoldsAll(SettlementsAfterReopen(), committed);
}

TEST_CASE_FIXTURE(Fixture, "a log that cannot be written back fails the journal, not the commits") {
  options.checkpoint_pages = 60;
  auto journal = Open();
  std::set<std::string> committed;
  {
    FileSizeLimit limit(150'000);  // the log stays below, the tables do not
    committed = AppendSettlements(*journal, 10'000);
  }
  CHECK_FALSE(journal->healthy());
  CHECK(committed.size() > 20);
  journal.reset();
  CheckHoldsAll(SettlementsAfterReopen(), committed);
}

TEST_CASE_FIXTURE(Fixture, "the page budget is a full disk with a better sentence") {
  options.journal_bytes_max = 400'000;
  auto journal = Open();
  const auto committed = AppendSettlements(*journal, 10'000);
  CHECK_FALSE(journal->healthy());
  CHECK(Contains(journal->failure(), "database or disk is full"));
  CHECK(Contains(journal->failure(), "of 400000 bytes used"));
  CHECK(journal->usage().bytes_max == 400'000);
  CHECK(journal->usage().bytes_used > 300'000);
  CHECK(journal->usage().bytes_used <= 400'000);
  journal.reset();

  options.journal_bytes_max = 800'000;  // what the operator does
  CheckHoldsAll(SettlementsAfterReopen(), committed);
  journal = Open();
  CHECK(Append(*journal, {MetaSet{"k", "v"}}));
}

TEST_CASE_FIXTURE(Fixture, "a journal at its budget can still be drained after a restart") {
  options.journal_bytes_max = 400'000;
  const auto committed = AppendSettlements(*Open(), 10'000);
  auto journal = Open();
  for (const std::string& uid : committed) {
    REQUIRE(Append(*journal, {SettlementAcknowledged{uid}}));
  }
  CHECK(journal->healthy());
  CHECK(journal->usage().bytes_used < 100'000);
  CHECK(AppendSettlements(*journal, 128).size() == 128);
}

TEST_CASE_FIXTURE(Fixture,
                  "a settlement beyond its limit fails the journal and names the delivery") {
  options.settlement_json_bytes_max = 1000;
  auto journal = Open();
  CHECK(Append(*journal, {Settlement("fits")}));
  SettlementRecorded large = Settlement("large");
  large.settlement_json += "x";
  large.job_id = 42;
  CHECK_FALSE(Append(*journal, {MetaSet{"k", "v"}, large}));
  CHECK(Contains(journal->failure(), "the settlement of delivery 42 has 1001 bytes"));
  journal.reset();
  CHECK(Open()->Load().meta.empty());  // all entries of an append or none
}

TEST_CASE_FIXTURE(Fixture, "a commit that SQLite refuses fails the journal") {
  auto journal = Open();
  SQLite::Database(options.path, SQLite::OPEN_READWRITE, 1000).exec("DROP TABLE meta");
  CHECK(journal->healthy());
  CHECK(journal->failure() == "");
  CHECK_FALSE(Append(*journal, {MetaSet{"k", "v"}}));
  CHECK(Contains(journal->failure(), "no such table: meta"));
  CHECK_FALSE(Append(*journal, {}));
}

TEST_CASE_FIXTURE(Fixture, "more appends than may wait fail the journal") {
  options.appends_queued_max = 10;
  options.busy_timeout = base::Milliseconds(60'000);
  auto journal = Open();
  SQLite::Database blocker(options.path, SQLite::OPEN_READWRITE, 1000);
  blocker.exec("BEGIN IMMEDIATE");  // the writer waits for it
  int answered_false = 0;
  for (int i = 0; i < 30; ++i) {
    journal->Append({MetaSet{"k", "v"}}, [&](bool ok) { answered_false += ok ? 0 : 1; });
  }
  CHECK_FALSE(journal->healthy());
  CHECK(Contains(journal->failure(), "10 appends wait for the disk"));
  blocker.exec("ROLLBACK");
  journal.reset();
  strand.RunReady();
  CHECK(answered_false >= 19);
}

TEST_CASE_FIXTURE(Fixture, "the destructor commits and answers what is queued") {
  auto journal = Open();
  int committed = 0;
  for (int i = 0; i < 5000; ++i) {
    journal->Append({MetaSet{"k" + std::to_string(i), "v"}}, [&](bool ok) { committed += ok; });
  }
  journal.reset();
  strand.RunReady();
  CHECK(committed == 5000);
  CHECK(Open()->Load().meta.size() == 5000);
}

TEST_CASE_FIXTURE(Fixture, "neither the file nor its log grows with the number of settlements") {
  options.checkpoint_pages = 100;
  auto journal = Open();
  for (int round = 0; round < 200; ++round) {
    std::vector<delivery::JournalEntry> recorded;
    std::vector<delivery::JournalEntry> acknowledged;
    for (int i = 0; i < 50; ++i) {
      const std::string uid = std::to_string(round) + "-" + std::to_string(i);
      recorded.push_back(Settlement(uid));
      acknowledged.push_back(SettlementAcknowledged{uid});
    }
    REQUIRE(Append(*journal, recorded));
    REQUIRE(Append(*journal, acknowledged));
  }
  CHECK(FileBytes() < 400'000);  // 10 MB went through
  CHECK(FileBytes("-wal") < 1'000'000);
  CHECK(journal->usage().bytes_used < 100'000);
}

TEST_CASE_FIXTURE(Fixture,
                  "a foreign reader that keeps the log from being emptied is named in time") {
  options.checkpoint_pages = 100;
  options.journal_bytes_max = 1'000'000;
  auto journal = Open();
  REQUIRE(Append(*journal, {MetaSet{"k", "v"}}));
  SQLite::Database reader(options.path, SQLite::OPEN_READONLY, 1000);
  reader.exec("BEGIN; SELECT * FROM meta");
  for (int i = 0; i < 100'000 && journal->healthy(); ++i) {
    Append(*journal, {SettlementRecorded{"s", 1, "l", std::string(5000, 'x')}});
  }
  CHECK_FALSE(journal->healthy());
  CHECK(Contains(journal->failure(), "another program has kept " + options.path + " open so long"));
  CHECK(FileBytes("-wal") < 2'000'000);
}

TEST_CASE_FIXTURE(Fixture, "a second worker is refused, and may go on when the first has ended") {
  auto first = Open();
  CHECK_THROWS_AS(Open(), JournalLocked);
  CHECK(Append(*first, {MetaSet{"k", "v"}}));
  first.reset();
  CHECK(Open()->Load().meta.at("k") == "v");
}

TEST_CASE_FIXTURE(Fixture, "the directory is its owner's, and so is every file in it") {
  options.path = directory.File("new/place/journal.db");
  const mode_t umask_before = ::umask(0);
  auto journal = Open();
  CHECK(Append(*journal, {MetaSet{"k", "v"}}));
  ::umask(umask_before);
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.File("new/place"))) {
    CAPTURE(file.path());
    CHECK(file.status().permissions() == std::filesystem::perms(0600));
    ++files;
  }
  CHECK(files == 4);  // the tables, their log, its index, the lock
  CHECK(std::filesystem::status(directory.File("new/place")).permissions() ==
        std::filesystem::perms(0700));
}

TEST_CASE_FIXTURE(Fixture, "the settings that durability hangs on") {
  Open();
  SQLite::Database database(options.path, SQLite::OPEN_READONLY, 1000);
  CHECK(database.execAndGet("PRAGMA journal_mode").getString() == "wal");
  CHECK(database.execAndGet("PRAGMA page_size").getInt() == 4096);
  CHECK(database.execAndGet("PRAGMA application_id").getInt() == 0x57484A4C);
  CHECK(database.execAndGet("PRAGMA user_version").getInt() >= 1);
  CHECK(database
            .execAndGet("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND "
                        "name NOT LIKE 'sqlite_%' AND NOT strict")
            .getInt() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a newer journal is refused and left as it is") {
  Open();
  SQLite::Database(options.path, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 999");
  CHECK_THROWS_AS(Open(), JournalError);
  SQLite::Database database(options.path, SQLite::OPEN_READONLY);
  CHECK(database.execAndGet("PRAGMA user_version").getInt() == 999);
}

TEST_CASE_FIXTURE(Fixture, "a file that is no database is refused and left as it is") {
  const std::string text(5000, 'n');
  std::ofstream(options.path) << text;
  const std::string expected =
      "cannot open the journal " + options.path + ": file is not a database";
  CHECK_THROWS_WITH_AS(Open(), expected.c_str(), JournalError);
  std::string content;
  std::ifstream(options.path) >> content;
  CHECK(content == text);
}

TEST_CASE_FIXTURE(Fixture, "a database of something else is refused and left as it is") {
  SQLite::Database(options.path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE theirs (x)");
  CHECK_THROWS_AS(Open(), JournalError);
  SQLite::Database database(options.path, SQLite::OPEN_READONLY);
  CHECK(database.execAndGet("PRAGMA journal_mode").getString() == "delete");
  CHECK(database.execAndGet("PRAGMA application_id").getInt() == 0);
}

TEST_CASE_FIXTURE(Fixture, "damaged pages are an error when read") {
  AppendSettlements(*Open(), 320);
  {
    std::fstream file(options.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    for (int i = 0; i < 60; ++i) file << std::string(4096, '\x5a');
  }
  CHECK_THROWS_AS(Open()->Load(), JournalError);
}
