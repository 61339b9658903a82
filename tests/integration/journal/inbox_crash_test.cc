// SPDX-License-Identifier: LGPL-3.0-or-later
// kill -9 under load at random moments: every event that was answered for is there exactly once, or
// was fetched; and a sender that tries it again is told the same uid.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <set>

#include "lib/base/random.h"
#include "tests/integration/journal/inbox_harness.h"

using namespace webhook;
using namespace webhook::integration;

namespace {

constexpr std::uint64_t kKills = 40;

struct Child {
  pid_t pid;
  int output;
};

struct Reports {
  std::set<std::string> stored;
  std::set<std::string> duplicate_of;
  std::set<std::string> fetched;
};

Child StartChild(const std::string& inbox, std::uint64_t seed) {
  std::array<int, 2> pipe = {};
  REQUIRE(::pipe(pipe.data()) == 0);
  const std::string seed_text = std::to_string(seed);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::execl(INBOX_CRASH_CHILD, INBOX_CRASH_CHILD, inbox.c_str(), seed_text.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  return {pid, pipe[0]};
}

// Kills the child once `kill_after` reports came, and reads on to the end.
Reports KillAfter(const Child& child, std::uint64_t kill_after) {
  Reports reports;
  std::uint64_t count = 0;
  std::string line;
  std::array<char, 4096> buffer = {};
  for (ssize_t size = 1; size > 0;) {
    size = ::read(child.output, buffer.data(), buffer.size());
    for (ssize_t i = 0; i < size; ++i) {
      if (const char c = buffer[static_cast<std::size_t>(i)]; c != '\n') {
        line += c;
        continue;
      }
      const std::string uid = line.substr(2);
      (line[0] == 's'   ? reports.stored
       : line[0] == 'd' ? reports.duplicate_of
                        : reports.fetched)
          .insert(uid);
      line.clear();
      if (++count == kill_after) ::kill(child.pid, SIGKILL);
    }
  }
  ::close(child.output);
  int status = 0;
  REQUIRE(::waitpid(child.pid, &status, 0) == child.pid);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
  return reports;
}

// A uid is thread-number-key.
void CheckRecognised(InboxHarness& harness, const std::set<std::string>& stored) {
  std::map<std::string, std::future<InboxAnswer>> answers;
  for (const std::string& uid : stored) {
    const std::string key = "key " + uid.substr(uid.rfind('-') + 1);
    answers.emplace(uid, harness.Start(harness.Item("new " + uid, key, "", std::stoll(uid))));
  }
  for (auto& [uid, answer] : answers) CheckAnswer(answer.get(), InboxVerdict::kDuplicate, uid);
}

}  // namespace

TEST_CASE("an inbox survives kill -9 with everything it answered for") {
  std::size_t stored = 0;
  std::size_t unreported_but_kept = 0;
  for (std::uint64_t seed = 1; seed <= kKills; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed * 7919);
    InboxHarness harness;
    const Reports reports =
        KillAfter(StartChild(harness.options.path, seed), 1 + random.Next() % 3000);
    harness.Open();
    const std::vector<std::string> rows = harness.Uids();
    const std::set<std::string> found(rows.begin(), rows.end());
    CHECK(found.size() == rows.size());
    for (const auto& uids : {reports.stored, reports.duplicate_of}) {
      for (const std::string& uid : uids) {
        REQUIRE((found.contains(uid) || reports.fetched.contains(uid)));
      }
    }
    for (const std::string& uid : found) {
      if (!reports.stored.contains(uid) && !reports.duplicate_of.contains(uid)) {
        ++unreported_but_kept;
      }
    }
    CheckRecognised(harness, reports.stored);
    stored += reports.stored.size();
  }
  CHECK(stored > 1000);
  MESSAGE("answered for: " << stored << ", kept beyond those: " << unreported_but_kept);
}
