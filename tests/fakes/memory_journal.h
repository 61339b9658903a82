// SPDX-License-Identifier: LGPL-3.0-or-later
// A journal in memory: the model that the SQLite one is compared with, and the one of simulations.
// Deterministic. One thread, the strand's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "lib/base/random.h"
#include "lib/base/strand.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/journal.h"

namespace webhook::fakes {

// What the entry does to the contents. The definition that every journal has to meet.
void ApplyJournalEntry(delivery::JournalContents& contents, const delivery::JournalEntry& entry);

class MemoryJournal final : public delivery::Journal {
 public:
  // A commit takes `commit_latency` of the strand's time, for each append.
  explicit MemoryJournal(base::Strand& strand,
                         base::Milliseconds commit_latency = base::Milliseconds(0),
                         delivery::JournalContents contents = {});

  // What is not committed is lost, and its `done` does not run: the process is dead.
  ~MemoryJournal() override = default;

  // May be called at any time, unlike on other journals.
  delivery::JournalContents Load() override { return contents_; }
  void Append(std::vector<delivery::JournalEntry> entries, std::function<void(bool)> done) override;

  // What a process started after the death of this one finds: everything committed, and of the
  // appends under way, in their order, as many as `random` says.
  std::unique_ptr<MemoryJournal> CrashCopy(base::Random& random) const;

  // Appends that wait for their commit.
  std::size_t pending_count() const { return pending_.size(); }

 private:
  struct PendingAppend {
    std::vector<delivery::JournalEntry> entries;
    std::function<void(bool)> done;
  };

  void CommitFirst();

  base::Strand& strand_;
  const base::Milliseconds commit_latency_;
  delivery::JournalContents contents_;
  std::deque<PendingAppend> pending_;
  std::shared_ptr<MemoryJournal*> self_;  // tasks of a dead journal find it expired
};

}  // namespace webhook::fakes
