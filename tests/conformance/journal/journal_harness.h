// SPDX-License-Identifier: LGPL-3.0-or-later
// The journals that the suite runs on. A harness holds one journal and the strand it answers on,
// and can close and reopen it as a restarted worker would.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "lib/journal/sqlite_journal.h"
#include "tests/fakes/faulty_journal.h"
#include "tests/fakes/memory_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::conformance {

struct SqliteHarness {
  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  fakes::TemporaryDirectory directory;
  std::unique_ptr<journal::SqliteJournal> journal = Open();

  std::unique_ptr<journal::SqliteJournal> Open() {
    return std::make_unique<journal::SqliteJournal>(
        journal::JournalOptions{.path = directory.File("journal.db")}, strand);
  }
  void Reopen() {
    journal.reset();
    journal = Open();
  }
};

struct MemoryHarness {
  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  std::unique_ptr<fakes::MemoryJournal> journal = std::make_unique<fakes::MemoryJournal>(strand);

  void Reopen() {
    journal =
        std::make_unique<fakes::MemoryJournal>(strand, base::Milliseconds(0), journal->Load());
  }
};

// A faulty journal without a fault is a journal.
struct FaultlessHarness {
  MemoryHarness inner;
  fakes::QueueStrand& strand = inner.strand;
  std::unique_ptr<fakes::FaultyJournal> journal = Open();

  std::unique_ptr<fakes::FaultyJournal> Open() {
    return std::make_unique<fakes::FaultyJournal>(*inner.journal, strand,
                                                  fakes::JournalFault{.failing_append = 0});
  }
  void Reopen() {
    journal.reset();
    inner.Reopen();
    journal = Open();
  }
};

// Appends and pumps the strand until the answer is there.
template <typename Harness>
bool AppendAndWait(Harness& harness, std::vector<delivery::JournalEntry> entries) {
  bool answered = false;
  bool committed = false;
  harness.journal->Append(std::move(entries), [&](bool ok) {
    answered = true;
    committed = ok;
  });
  return harness.strand.RunUntil([&] { return answered; }) && committed;
}

}  // namespace webhook::conformance
