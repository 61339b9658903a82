// SPDX-License-Identifier: LGPL-3.0-or-later
// The production journal: one SQLite file, one writer thread, group commit. Everything that waits
// when the writer wakes shares a commit, so that the rate does not hang on the time of one.
//
// Health: the first failure (disk full, I/O error, a limit of JournalOptions) is final until a
// restart; from then on every append answers false. An append that answers false may or may not be
// in the file.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/journal.h"
#include "lib/journal/journal_lock.h"
#include "lib/journal/journal_options.h"

namespace webhook::journal {

class OutboxStore;

struct JournalUsage {
  std::int64_t bytes_used;  // by what the journal holds, as of the last commit
  std::int64_t bytes_max;   // at which it becomes unhealthy: stop claiming well before
};

class SqliteJournal final : public delivery::Journal {
 public:
  // Creates what is missing. Throws JournalLocked when another process has this journal,
  // JournalError when it cannot be opened. The strand must outlive the journal.
  SqliteJournal(JournalOptions options, base::Strand& strand);

  // Commits what is queued and posts the answers. On the strand's thread, or when that has ended.
  ~SqliteJournal() override;
  SqliteJournal(const SqliteJournal&) = delete;
  SqliteJournal& operator=(const SqliteJournal&) = delete;

  delivery::JournalContents Load() override;
  void Append(std::vector<delivery::JournalEntry> entries, std::function<void(bool)> done) override;

  // Any thread.
  bool healthy() const { return healthy_.load(std::memory_order_acquire); }
  std::string failure() const;  // one sentence about the first failure; empty while healthy
  JournalUsage usage() const;

 private:
  struct PendingAppend {
    std::vector<delivery::JournalEntry> entries;
    std::function<void(bool)> done;
  };
  using Batch = std::vector<PendingAppend>;

  void WriteUntilStopped();
  Batch WaitForBatch();  // empty: stopped, and nothing is left
  bool Commit(const Batch& batch);
  void Answer(Batch batch, bool committed);
  void Checkpoint();
  void Fail(const std::string& reason);

  const JournalOptions options_;
  base::Strand& strand_;
  std::unique_ptr<JournalLock> lock_;
  std::unique_ptr<OutboxStore> store_;  // the writer's from the first append on
  std::atomic<bool> healthy_ = true;
  std::atomic<std::int64_t> bytes_used_ = 0;

  mutable base::Mutex mutex_;
  base::Condition wake_;
  std::deque<PendingAppend> queue_ WEBHOOK_GUARDED_BY(mutex_);
  bool stopping_ WEBHOOK_GUARDED_BY(mutex_) = false;
  bool appended_ WEBHOOK_GUARDED_BY(mutex_) = false;
  std::string failure_ WEBHOOK_GUARDED_BY(mutex_);

  std::thread writer_;  // last: it uses all of the above
};

}  // namespace webhook::journal
