// SPDX-License-Identifier: LGPL-3.0-or-later
// kill -9 at random moments: everything that was reported as committed is there, nothing is half.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "lib/journal/sqlite_journal.h"
#include "tests/fakes/journal_text.h"
#include "tests/fakes/memory_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"
#include "tests/integration/journal/crash_history.h"

using namespace webhook;

namespace {

constexpr std::uint64_t kKills = 25;

struct Child {
  pid_t pid;
  int output;
};

Child Start(const std::string& journal, std::uint64_t seed) {
  std::array<int, 2> pipe = {};
  REQUIRE(::pipe(pipe.data()) == 0);
  const std::string seed_text = std::to_string(seed);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::execl(JOURNAL_CRASH_CHILD, JOURNAL_CRASH_CHILD, journal.c_str(), seed_text.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  return {pid, pipe[0]};
}

// Reads reports, kills the child once `kill_after` came, and reads to the end. Returns the number
// of the last whole report.
std::uint64_t KillAfter(const Child& child, std::uint64_t kill_after) {
  std::uint64_t reports = 0;
  std::uint64_t last = 0;
  std::string line;
  char c = 0;
  while (::read(child.output, &c, 1) == 1) {
    if (c != '\n') {
      line += c;
      continue;
    }
    last = std::stoull(line);
    line.clear();
    if (++reports == kill_after) ::kill(child.pid, SIGKILL);
  }
  ::close(child.output);
  int status = 0;
  REQUIRE(::waitpid(child.pid, &status, 0) == child.pid);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
  return last;
}

std::string ModelText(std::uint64_t seed, std::uint64_t append_count) {
  integration::CrashHistory history(seed);
  delivery::JournalContents contents;
  while (history.number() < append_count) {
    for (const auto& entry : history.NextAppend()) fakes::ApplyJournalEntry(contents, entry);
  }
  return fakes::JournalText(contents);
}

}  // namespace

TEST_CASE("a journal survives kill -9 with everything it answered for") {
  std::uint64_t unreported_but_kept = 0;
  for (std::uint64_t seed = 1; seed <= kKills; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed * 7919);
    fakes::TemporaryDirectory directory;
    const std::string path = directory.File("journal.db");
    const std::uint64_t reported = KillAfter(Start(path, seed), 1 + random.Next() % 3000);

    fakes::FakeClock clock;
    fakes::QueueStrand strand(clock);
    journal::SqliteJournal journal({.path = path}, strand);
    const delivery::JournalContents contents = journal.Load();
    const std::uint64_t found = std::stoull(contents.meta.at("last"));
    CHECK(found >= reported);
    CHECK(contents.meta.at("first") == contents.meta.at("last"));
    REQUIRE(fakes::JournalText(contents) == ModelText(seed, found));
    unreported_but_kept += found - reported;
  }
  MESSAGE("appends kept beyond the reported ones: " << unreported_but_kept);
}
