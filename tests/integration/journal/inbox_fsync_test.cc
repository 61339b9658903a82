// SPDX-License-Identifier: LGPL-3.0-or-later
// A disk whose fsync fails for a while. What this file defines is called by SQLite in the place of
// the C library's functions.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "tests/integration/journal/inbox_harness.h"

using namespace webhook;
using namespace webhook::integration;

namespace {

std::atomic<bool> fsync_fails = false;
std::atomic<int> table_syncs = 0;  // of the database file, not of its log

int Sync(long call, int fd) {
  if (fsync_fails) {
    errno = EIO;
    return -1;
  }
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
  if (path.filename() == "inbox.db") ++table_syncs;
  return static_cast<int>(::syscall(call, fd));
}

}  // namespace

extern "C" int fdatasync(int fd) { return Sync(SYS_fdatasync, fd); }
extern "C" int fsync(int fd) { return Sync(SYS_fsync, fd); }

TEST_CASE_FIXTURE(InboxHarness,
                  "a commit whose fsync failed is in the tables before it is promised") {
  options.probe_interval = std::chrono::hours(1);
  Open();
  CheckAnswer(Accept(Item("a", "ka")), InboxVerdict::kStored, "a");
  fsync_fails = true;
  CHECK(Accept(Item("b", "kb")).verdict == InboxVerdict::kNoRoom);
  fsync_fails = false;
  table_syncs = 0;
  // The log holds the commit, in memory at least: the sender's next try finds it.
  int syncs_before_answer = 0;
  std::promise<InboxAnswer> answered;
  inbox->Accept(Item("c", "kb"), [&](const InboxAnswer& answer) {
    syncs_before_answer = table_syncs;
    answered.set_value(answer);
  });
  CheckAnswer(answered.get_future().get(), InboxVerdict::kDuplicate, "b");
  CHECK(syncs_before_answer > 0);
}
