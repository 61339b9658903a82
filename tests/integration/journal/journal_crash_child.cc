// SPDX-License-Identifier: LGPL-3.0-or-later
// journal_crash_child <journal> <seed>: appends random entries, 64 appends in flight, until it is
// killed. The number of each append that was answered `true` goes to standard output, a line each.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "lib/journal/sqlite_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/integration/journal/crash_history.h"

namespace {

constexpr int kAppendsInFlight = 64;

void Report(std::uint64_t number) {
  const std::string line = std::to_string(number) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(1);
}

}  // namespace

int main(int, char** argv) {
  using namespace webhook;
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  integration::CrashHistory history(std::stoull(argv[2]));
  journal::SqliteJournal journal({.path = argv[1], .checkpoint_pages = 50}, strand);
  std::function<void()> append = [&] {
    std::vector<delivery::JournalEntry> entries = history.NextAppend();
    journal.Append(std::move(entries), [&, number = history.number()](bool ok) {
      if (!ok) std::_Exit(2);
      Report(number);
      append();
    });
  };
  for (int i = 0; i < kAppendsInFlight; ++i) append();
  strand.RunUntil([] { return false; });
  return 3;
}
