// SPDX-License-Identifier: LGPL-3.0-or-later
// Back-pressure and recovery of the inbox: its budget, its memory, a full disk, and errors of the
// file system. Nothing that was answered kStored is ever lost.
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/integration/journal/inbox_harness.h"

using namespace webhook;
using namespace webhook::integration;

namespace {

// A small disk of its own. Mounting needs root or a namespace in which one is.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("webhook_test", path_.c_str(), "tmpfs", 0, "size=6m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }

  // Takes all room but `left` bytes.
  void Fill(std::size_t left) const {
    struct statvfs disk = {};
    REQUIRE(::statvfs(path_.c_str(), &disk) == 0);
    const std::size_t free_bytes = disk.f_bavail * disk.f_frsize;
    const std::string block(free_bytes > left ? free_bytes - left : 0, 'x');
    std::ofstream(path_ + "/ballast", std::ios::binary | std::ios::app) << block << std::flush;
  }
  void Clear() const { std::filesystem::remove(path_ + "/ballast"); }

 private:
  const std::string path_;
  bool mounted_ = false;
};

// Files of this process cannot grow beyond the limit; also for root.
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

struct Fixture : InboxHarness {
  std::set<std::string> stored;
  int accepted = 0;

  InboxItem Large(std::size_t bytes = 2000) {
    const std::string uid = fmt::format("u{:08}", ++accepted);
    InboxItem item = Item(uid, "k" + uid);
    item.event_json.assign(bytes, 'x');
    return item;
  }

  InboxVerdict AcceptOne(std::size_t bytes = 2000) {
    const InboxAnswer answer = Accept(Large(bytes));
    if (answer.verdict == InboxVerdict::kStored) stored.insert(answer.event_uid);
    return answer.verdict;
  }

  // Until one is refused; false: `count` were not.
  bool AcceptUntilNoRoom(int count = 20'000) {
    for (int i = 0; i < count; i += 16) {
      std::vector<std::future<InboxAnswer>> waiting;
      for (int k = 0; k < 16; ++k) waiting.push_back(Start(Large()));
      bool refused = false;
      for (auto& future : waiting) {
        const InboxAnswer answer = future.get();
        if (answer.verdict == InboxVerdict::kStored) stored.insert(answer.event_uid);
        refused = refused || answer.verdict == InboxVerdict::kNoRoom;
      }
      if (refused) return true;
    }
    return false;
  }

  // It probes by itself; nothing tells when.
  void WaitUntilHealthy(bool healthy = true) {
    for (int i = 0; i < 10'000 && inbox->State().healthy != healthy; ++i) {
      ::usleep(1000);
    }
    REQUIRE(inbox->State().healthy == healthy);
  }

  // What is there is what was promised, and perhaps more.
  void CheckHoldsStored() {
    const auto found = Uids();
    const std::set<std::string> uids(found.begin(), found.end());
    CHECK(uids.size() == found.size());
    for (const std::string& uid : stored) REQUIRE(uids.contains(uid));
  }

  void ForgetAll() {
    std::vector<std::int64_t> sequences;
    for (const auto& row : Fetch().rows) sequences.push_back(row.sequence);
    inbox->Forget(sequences, {});
    stored.clear();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a budget that is spent is no room, no failure; what leaves makes room") {
  options.bytes_max = 1'000'000;
  Open();
  CHECK(AcceptUntilNoRoom());
  CHECK(inbox->State().healthy);
  CHECK(inbox->State().bytes_used > 900'000);
  CHECK(inbox->State().bytes_used <= 1'000'000);
  CheckHoldsStored();
  Open();
  CHECK(AcceptOne(100'000) == InboxVerdict::kNoRoom);
  ForgetAll();
  CHECK(Settled().bytes_used < 500'000);
  CHECK(AcceptOne() == InboxVerdict::kStored);
}

TEST_CASE_FIXTURE(Fixture, "rejected requests leave room for events, however many come") {
  options.bytes_max = 1'000'000;
  Open();
  const auto reject = [&] {
    InboxItem item = Large();
    item.identity_key.clear();
    return Accept(std::move(item)).verdict;
  };
  int rejected = 0;
  while (rejected < 1000 && reject() == InboxVerdict::kStored) ++rejected;
  CHECK(rejected > 200);
  CHECK(rejected < 400);
  CHECK(inbox->State().healthy);
  for (int i = 0; i < 50; ++i) REQUIRE(AcceptOne() == InboxVerdict::kStored);
  CHECK(reject() == InboxVerdict::kNoRoom);
}

TEST_CASE_FIXTURE(Fixture,
                  "one that is larger than the budget, or than the queue, never gets room") {
  options.bytes_max = 1'000'000;
  options.queued_bytes_max = 500'000;
  Open();
  CHECK(AcceptOne(2'000'000) == InboxVerdict::kNoRoom);
  CHECK(AcceptOne(600'000) == InboxVerdict::kNoRoom);
  CHECK(AcceptOne(400'000) == InboxVerdict::kStored);
}

TEST_CASE_FIXTURE(Fixture, "identities make room for events, oldest first") {
  options.bytes_max = 1'000'000;
  Open();
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 200; ++i) Start(Large(20));
    ForgetAll();
    REQUIRE(AcceptOne() == InboxVerdict::kStored);
    clock.Advance(base::Milliseconds(1000));
  }
  CHECK(Settled().bytes_used < 800'000);
  CHECK(Accept(Item("again", "ku00000001")).verdict == InboxVerdict::kStored);
  CHECK(Accept(Item("again", fmt::format("ku{:08}", accepted))).verdict ==
        InboxVerdict::kDuplicate);
}

TEST_CASE_FIXTURE(Fixture, "what waits for the disk is bounded: refused at once, on this thread") {
  options.queued_max = 100;
  options.queued_bytes_max = 50'000;
  Open();
  // The first answer holds the inbox's thread, so that the others wait.
  std::promise<void> go;
  std::promise<void> held;
  inbox->Accept(Large(), [&](const InboxAnswer&) {
    held.set_value();
    go.get_future().wait();
  });
  held.get_future().wait();
  int refused = 0;
  std::vector<std::future<InboxAnswer>> waiting;
  for (int i = 0; i < 60; ++i) {
    auto answer = Start(Large(1000));
    if (answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
      CHECK(answer.get().verdict == InboxVerdict::kNoRoom);
      ++refused;
    } else {
      waiting.push_back(std::move(answer));
    }
  }
  CHECK(refused > 25);
  CHECK(waiting.size() > 25);
  go.set_value();
  for (auto& answer : waiting) CHECK(answer.get().verdict == InboxVerdict::kStored);
  CHECK(AcceptOne() == InboxVerdict::kStored);
}

TEST_CASE_FIXTURE(Fixture, "room that is left to others: no room, unhealthy, until there is more") {
  options.disk_free_bytes_min = std::int64_t{1} << 60;
  Open();
  CHECK(AcceptOne() == InboxVerdict::kNoRoom);
  CHECK_FALSE(inbox->State().healthy);
  CHECK(inbox->failure().find("are left to others") != std::string::npos);
  inbox->SaveSnapshot("is still saved");
  Settled();
  options.disk_free_bytes_min = 0;
  Open();
  CHECK(inbox->LoadSnapshot() == "is still saved");
  CHECK(AcceptOne() == InboxVerdict::kStored);
}

TEST_CASE_FIXTURE(Fixture, "a full disk: no room; once there is, it goes on and has lost nothing") {
  const SmallDisk disk(directory.File("disk"));
  if (!disk.mounted()) {
    MESSAGE("NOT TESTED: a small disk cannot be mounted here (root needed, or unshare -rm)");
    REQUIRE_MESSAGE(std::getenv("CI") == nullptr, "a full disk must be tested under CI");
    return;
  }
  options.path = directory.File("disk/inbox.db");
  options.checkpoint_pages = 100;
  Open();
  for (int round = 0; round < 5; ++round) {
    CAPTURE(round);
    disk.Fill(static_cast<std::size_t>(round) * 40'000);
    CHECK(AcceptUntilNoRoom());
    CHECK_FALSE(inbox->State().healthy);
    CHECK_FALSE(inbox->failure().empty());
    CheckHoldsStored();
    disk.Clear();
    WaitUntilHealthy();  // by its own probe
    for (int i = 0; i < 20; ++i) CHECK(AcceptOne() == InboxVerdict::kStored);
    CheckHoldsStored();
  }
  disk.Fill(0);
  CHECK(AcceptUntilNoRoom());
  inbox.reset();  // it ends with the disk full
  disk.Clear();
  Open();
  CheckHoldsStored();
  ForgetAll();
  CHECK(AcceptOne() == InboxVerdict::kStored);
}

TEST_CASE_FIXTURE(Fixture, "what the strand asks for on a full disk is done afterwards, in order") {
  Open();
  for (int i = 0; i < 50; ++i) AcceptOne();
  {
    const FileSizeLimit limit(4096);
    CHECK(AcceptOne() == InboxVerdict::kNoRoom);
    CHECK_FALSE(inbox->State().healthy);
    const auto first = *stored.begin();
    bool came = false;
    inbox->Forget({1}, {});
    inbox->SaveSnapshot("kept");
    inbox->Fetch(0, 10, 1'000'000, [&](const InboxBatch& batch) {
      CHECK(batch.rows.at(0).event_uid != first);
      came = true;
    });
    CHECK(AcceptOne() == InboxVerdict::kNoRoom);
    CHECK_FALSE(strand.RunOne());
    CHECK_FALSE(came);
    stored.erase(first);
  }
  CHECK(Uids().size() == 49);
  WaitUntilHealthy();
  CheckHoldsStored();
  Open();
  CHECK(inbox->LoadSnapshot() == "kept");
  CheckHoldsStored();
}

TEST_CASE_FIXTURE(Fixture, "files that cannot grow for a while: recovered every time") {
  options.checkpoint_pages = 60;
  Open();
  for (rlim_t bytes = 60'000; bytes < 400'000; bytes += 50'000) {
    CAPTURE(bytes);
    {
      const FileSizeLimit limit(bytes);
      CHECK(AcceptUntilNoRoom());
    }
    WaitUntilHealthy();
    CHECK(AcceptOne() == InboxVerdict::kStored);
    CheckHoldsStored();
    ForgetAll();
  }
}

TEST_CASE_FIXTURE(Fixture, "a log that cannot be written back stops accepting, until it can") {
  options.checkpoint_pages = 30;
  options.log_bytes_max = 400'000;
  Open();
  AcceptOne();
  SQLite::Database reader(options.path, SQLite::OPEN_READONLY);
  reader.exec("BEGIN");
  CHECK(reader.execAndGet("SELECT count(*) FROM inbox").getInt() == 1);
  CHECK(AcceptUntilNoRoom());
  CHECK(inbox->failure().find("another program has kept") != std::string::npos);
  CHECK(std::filesystem::file_size(options.path + "-wal") < 1'000'000);
  reader.exec("COMMIT");
  WaitUntilHealthy();
  CHECK(AcceptOne() == InboxVerdict::kStored);
  CheckHoldsStored();
}

TEST_CASE_FIXTURE(Fixture, "the files do not grow for ever, and give room back") {
  options.checkpoint_pages = 200;
  options.free_bytes_kept = 100'000;
  options.identity_days = 1;
  Open();
  std::uintmax_t largest = 0;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 200; ++i) Start(Large());
    ForgetAll();
    Settled();
    clock.Advance(base::Milliseconds(std::chrono::hours(12)));
    if (round == 10) largest = std::filesystem::file_size(options.path);
  }
  CHECK(std::filesystem::file_size(options.path) <= largest + 200'000);
  CHECK(std::filesystem::file_size(options.path + "-wal") < 4'000'000);
  for (int i = 0; i < 10'000 && std::filesystem::file_size(options.path) > 600'000; ++i) {
    ::usleep(1000);
  }
  CHECK(std::filesystem::file_size(options.path) <= 600'000);
}
