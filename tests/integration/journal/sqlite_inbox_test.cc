// SPDX-License-Identifier: LGPL-3.0-or-later
// What the inbox promises, on a real file.
#include "lib/journal/sqlite_inbox.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "lib/journal/journal_error.h"
#include "lib/journal/migrations.h"
#include "tests/integration/journal/inbox_harness.h"

using namespace webhook;
using namespace webhook::integration;
using model::DuplicateCount;

namespace {

using UidList = std::vector<std::string>;

void CheckDuplicates(const InboxBatch& batch, const std::vector<DuplicateCount>& expected) {
  REQUIRE(batch.duplicates.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(batch.duplicates[i].event_uid == expected[i].event_uid);
    CHECK(batch.duplicates[i].count == expected[i].count);
  }
}

}  // namespace

TEST_CASE_FIXTURE(InboxHarness,
                  "what was accepted is fetched in its order, also by the next life") {
  Open();
  for (const char* uid : {"a", "b", "c"}) {
    CheckAnswer(Accept(Item(uid, uid, "", 7)), InboxVerdict::kStored, uid);
  }
  Open();
  const InboxBatch batch = Fetch();
  REQUIRE(batch.rows.size() == 3);
  CHECK(batch.rows[1].event_uid == "b");
  CHECK(batch.rows[1].endpoint_id == 7);
  CHECK(batch.rows[1].event_json == R"({"uid":"b"})");
  CHECK(batch.rows[0].sequence < batch.rows[1].sequence);
  CHECK(Uids(batch.rows[1].sequence) == UidList{"c"});
}

TEST_CASE_FIXTURE(InboxHarness,
                  "the same identity again is a duplicate of the first, counted once") {
  Open();
  Accept(Item("first", "evt_1"));
  CheckAnswer(Accept(Item("second", "evt_1")), InboxVerdict::kDuplicate, "first");
  CheckAnswer(Accept(Item("third", "evt_1")), InboxVerdict::kDuplicate, "first");
  CheckAnswer(Accept(Item("other", "evt_1", "", 2)), InboxVerdict::kStored, "other");
  CheckAnswer(Accept(Item("next", "evt_2")), InboxVerdict::kStored, "next");
  const InboxBatch batch = Fetch();
  CHECK(batch.rows.size() == 3);
  CheckDuplicates(batch, {});  // Odoo could not know it yet
  ForgetRows();
  CheckDuplicates(Fetch(), {{"first", 2}});
}

TEST_CASE_FIXTURE(InboxHarness, "a replay key makes a duplicate, apart from delivery identities") {
  Open();
  Accept(Item("first", "evt_1", "order_5"));
  CheckAnswer(Accept(Item("second", "evt_2", "order_5")), InboxVerdict::kDuplicate, "first");
  CheckAnswer(Accept(Item("third", "order_5")), InboxVerdict::kStored, "third");
  CheckAnswer(Accept(Item("fourth", "evt_2", "order_6")), InboxVerdict::kStored, "fourth");
  CheckAnswer(Accept(Item("fifth", "evt_1", "order_6")), InboxVerdict::kDuplicate, "first");
  ForgetRows();
  CheckDuplicates(Fetch(), {{"first", 2}});  // one by each of its identities
}

TEST_CASE_FIXTURE(InboxHarness, "what has no identity is stored always, but a uid only once") {
  Open();
  for (const char* uid : {"a", "b"}) CHECK(Accept(Item(uid)).verdict == InboxVerdict::kStored);
  CheckAnswer(Accept(Item("a")), InboxVerdict::kDuplicate, "a");
  CHECK(Uids() == UidList{"a", "b"});
}

TEST_CASE_FIXTURE(InboxHarness, "of equal ones in one commit the first is stored") {
  Open();
  std::vector<std::future<InboxAnswer>> answers;
  for (int i = 0; i < 500; ++i) {
    answers.push_back(Start(Item(fmt::format("u{}", i), fmt::format("k{}", i / 5))));
  }
  for (int i = 0; i < 500; ++i) {
    const auto verdict = i % 5 == 0 ? InboxVerdict::kStored : InboxVerdict::kDuplicate;
    CheckAnswer(answers[static_cast<std::size_t>(i)].get(), verdict, fmt::format("u{}", i / 5 * 5));
  }
  CHECK(Uids().size() == 100);
}

TEST_CASE_FIXTURE(InboxHarness, "answers come in the order of the calls, on one thread") {
  Open();
  std::vector<int> order;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 2000; ++i) {
    inbox->Accept(Item(fmt::format("u{}", i)), [&, i](const InboxAnswer&) {
      order.push_back(i);
      threads.insert(std::this_thread::get_id());
    });
  }
  inbox.reset();
  CHECK(order.size() == 2000);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(threads.size() == 1);
  CHECK_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST_CASE_FIXTURE(InboxHarness, "a forgotten event leaves, its identity stays") {
  Open();
  Accept(Item("a", "evt_1"));
  Accept(Item("b", "evt_2"));
  const InboxBatch batch = Fetch();
  inbox->Forget({batch.rows[0].sequence, 12345}, {});
  CHECK(Uids() == UidList{"b"});
  Open();
  CheckAnswer(Accept(Item("c", "evt_1")), InboxVerdict::kDuplicate, "a");
  CheckDuplicates(Fetch(), {{"a", 1}});
}

TEST_CASE_FIXTURE(InboxHarness, "sequences grow also when the inbox was empty in between") {
  Open();
  Accept(Item("a"));
  const std::int64_t first = Fetch().rows[0].sequence;
  inbox->Forget({first}, {});
  CHECK(Uids().empty());
  Accept(Item("b"));
  CHECK(Uids(first) == UidList{"b"});
}

TEST_CASE_FIXTURE(InboxHarness, "duplicates are fetched once in a life, until they are reported") {
  Open();
  Accept(Item("a", "evt_1", "order_1"));
  for (int i = 0; i < 3; ++i) Accept(Item("x", "evt_1"));
  for (int i = 0; i < 2; ++i) Accept(Item("y", "evt_9", "order_1"));
  ForgetRows();
  CheckDuplicates(Fetch(), {{"a", 5}});
  CheckDuplicates(Fetch(), {});
  Accept(Item("x", "evt_1"));
  CheckDuplicates(Fetch(), {{"a", 1}});
  inbox->Forget({}, {{"a", 5}});
  CheckDuplicates(Fetch(), {});
  Open();  // one was fetched, and nobody said that it reached Odoo
  CheckDuplicates(Fetch(), {{"a", 1}});
  inbox->Forget({}, {{"a", 1}, {"nobody", 3}});
  Open();
  CheckDuplicates(Fetch(), {});
}

TEST_CASE_FIXTURE(InboxHarness, "an event that Odoo knows under another uid is told as that one") {
  Open();
  Accept(Item("mine", "evt_1", "order_1"));
  Accept(Item("again", "evt_1"));
  const auto rows = Fetch().rows;
  inbox->Merge("mine", "theirs");
  inbox->Forget({rows.front().sequence}, {});
  CheckAnswer(Accept(Item("x", "evt_1")), InboxVerdict::kDuplicate, "theirs");
  CheckAnswer(Accept(Item("y", "", "order_1")), InboxVerdict::kDuplicate, "theirs");
  CheckDuplicates(Fetch(), {{"theirs", 3}});
  inbox->Forget({}, {{"theirs", 3}});
  Open();
  CheckDuplicates(Fetch(), {});
}

TEST_CASE_FIXTURE(InboxHarness, "duplicates come in bounded parts") {
  options.duplicates_per_fetch_max = 2;
  Open();
  for (const char* key : {"a", "b", "c"}) {
    Accept(Item(key, key));
    Accept(Item("again", key));
  }
  ForgetRows();
  CheckDuplicates(Fetch(), {{"a", 1}, {"b", 1}});
  CheckDuplicates(Fetch(), {{"c", 1}});
}

TEST_CASE_FIXTURE(InboxHarness,
                  "a fetch keeps to its limits, but brings one row whatever its size") {
  Open();
  for (const char* uid : {"a", "b", "c"}) {
    InboxItem item = Item(uid);
    item.event_json.assign(1000, 'x');
    Accept(item);
  }
  CHECK(Fetch(0, 2).rows.size() == 2);
  CHECK(Fetch(0, 0).rows.empty());
  CHECK(Fetch(0, 9, 2999).rows.size() == 2);
  CHECK(Fetch(0, 9, 3000).rows.size() == 3);
  CHECK(Fetch(0, 9, 1).rows.size() == 1);
}

TEST_CASE_FIXTURE(InboxHarness, "what is set aside is kept, and not fetched again") {
  Open();
  for (const char* uid : {"a", "b"}) Accept(Item(uid, uid));
  const auto rows = Fetch().rows;
  inbox->SetAside(rows[0].sequence, "Odoo said: no");
  CHECK(Uids() == UidList{"b"});
  CHECK(Settled().event_count == 1);
  CHECK(Settled().set_aside_count == 1);
  Open();
  CHECK(Uids() == UidList{"b"});
  CHECK(Settled().set_aside_count == 1);
  CheckAnswer(Accept(Item("c", "a")), InboxVerdict::kDuplicate, "a");
  inbox.reset();
  CHECK(Ask("SELECT count(*) FROM inbox WHERE set_aside_reason = 'Odoo said: no'") == 1);
}

TEST_CASE_FIXTURE(InboxHarness, "the state counts, and knows the oldest that waits") {
  Open();
  CHECK_FALSE(inbox->State().oldest_accepted_at);
  CHECK(inbox->State().bytes_max == options.bytes_max);
  const base::WallTime start = clock.Now();
  for (const char* uid : {"a", "b", "c"}) {
    Accept(Item(uid));
    clock.Advance(base::Milliseconds(1000));
  }
  CHECK(inbox->State().event_count == 3);
  CHECK(inbox->State().oldest_accepted_at == start);
  const auto rows = Fetch().rows;
  inbox->SetAside(rows[0].sequence, "no");
  CHECK(Settled().oldest_accepted_at == start + base::Milliseconds(1000));
  inbox->Forget({rows[0].sequence, rows[1].sequence}, {});
  CHECK(Settled().oldest_accepted_at == start + base::Milliseconds(2000));
  CHECK(Settled().set_aside_count == 0);
  CHECK(Settled().event_count == 1);
  CHECK(Settled().bytes_used > 0);
  CHECK(Settled().healthy);
  CHECK(inbox->failure().empty());
}

TEST_CASE_FIXTURE(InboxHarness, "the snapshot is the last one that was saved") {
  Open();
  CHECK(inbox->LoadSnapshot().empty());
  inbox->SaveSnapshot("one");
  inbox->SaveSnapshot(std::string(3'000'000, 'x'));
  Open();
  CHECK(inbox->LoadSnapshot() == std::string(3'000'000, 'x'));
}

TEST_CASE_FIXTURE(InboxHarness,
                  "identities are forgotten after their days, unless they are needed") {
  Open();
  for (const char* key : {"waits", "gone", "counted"})
    Accept(Item(key, key, std::string("r") + key));
  Accept(Item("again", "counted"));
  const auto rows = Fetch().rows;
  inbox->Forget({rows[1].sequence, rows[2].sequence}, {});
  Settled();
  clock.Advance(base::Milliseconds(std::chrono::days(3)));
  Accept(Item("x1"));  // not older than three days
  CHECK(Accept(Item("y", "gone")).verdict == InboxVerdict::kDuplicate);
  inbox->Forget({}, {{"gone", 1}});
  clock.Advance(base::Milliseconds(1));
  Accept(Item("x2"));
  CheckAnswer(Accept(Item("z", "gone", "rgone")), InboxVerdict::kStored, "z");
  CHECK(Accept(Item("y", "waits")).verdict == InboxVerdict::kDuplicate);
  CHECK(Accept(Item("y", "counted")).verdict == InboxVerdict::kDuplicate);
}

TEST_CASE_FIXTURE(InboxHarness, "a key is nowhere in the file") {
  Open();
  Accept(Item("a", "delivery-key-in-clear", "replay-key-in-clear"));
  inbox.reset();
  std::ifstream file(options.path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  CHECK(bytes.find("in-clear") == std::string::npos);
  CHECK(bytes.find("\"uid\"") != std::string::npos);
}

TEST_CASE_FIXTURE(InboxHarness, "the file is for its user, and for one process") {
  options.path = directory.File("sub/inbox.db");
  Open();
  Accept(Item("a"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status = {};
    REQUIRE(::stat((options.path + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
  const std::string expected = fmt::format(
      "the inbox {} is in use by process {}: one worker, one inbox; give each worker a path of its "
      "own",
      options.path, ::getpid());
  CHECK_THROWS_WITH_AS(journal::SqliteInbox(options, strand, clock), expected.c_str(),
                       journal::JournalLocked);
}

TEST_CASE_FIXTURE(InboxHarness, "a file of something else, or damaged, is refused in a sentence") {
  std::ofstream(options.path) << "this is not a database, and long enough to be looked at: "
                              << std::string(8192, '.');
  CHECK_THROWS_WITH_AS(
      Open(), ("cannot open the inbox " + options.path + ": file is not a database").c_str(),
      journal::JournalError);

  std::filesystem::remove(options.path);
  Open();
  for (int i = 0; i < 100; ++i) Accept(Item(fmt::format("u{}", i), fmt::format("k{}", i)));
  inbox.reset();
  const auto size = std::filesystem::file_size(options.path);
  std::fstream damaged(options.path, std::ios::in | std::ios::out | std::ios::binary);
  damaged.seekp(4096);
  damaged << std::string(static_cast<std::size_t>(size) - 4096, '\xA5');
  damaged.close();
  CHECK_THROWS_AS(Open(), journal::JournalError);
}

TEST_CASE_FIXTURE(InboxHarness, "a journal, or an inbox of a newer worker, is refused") {
  Open();
  inbox.reset();
  Do("PRAGMA user_version = 99");
  CHECK_THROWS_WITH_AS(
      Open(),
      fmt::format("the inbox {} was written by a newer webhook-worker (format 99, "
                  "this one knows up to 1): run that version again, or a newer one",
                  options.path)
          .c_str(),
      journal::JournalError);
  Do(fmt::format("PRAGMA application_id = {}", journal::kApplicationId));
  CHECK_THROWS_WITH_AS(Open(),
                       fmt::format("{} is a database of something else, not an inbox: give the "
                                   "inbox another path",
                                   options.path)
                           .c_str(),
                       journal::JournalError);
}
