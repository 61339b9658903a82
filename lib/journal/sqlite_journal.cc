// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/sqlite_journal.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "lib/base/assert.h"
#include "lib/journal/journal_error.h"
#include "lib/journal/journal_files.h"
#include "lib/journal/outbox_store.h"

namespace webhook::journal {
namespace {

std::unique_ptr<JournalLock> LockJournal(const std::string& path) {
  CreateJournalDirectory(path);
  return std::make_unique<JournalLock>(path);
}

// The constructor of the store prepares statements, so a damaged file can show there too.
std::unique_ptr<OutboxStore> OpenStore(const JournalOptions& options) {
  try {
    return std::make_unique<OutboxStore>(options);
  } catch (const SQLite::Exception& error) {
    throw JournalError(fmt::format("cannot use the journal {}: {}", options.path, error.what()));
  }
}

}  // namespace

SqliteJournal::SqliteJournal(JournalOptions options, base::Strand& strand)
    : options_(std::move(options)),
      strand_(strand),
      lock_(LockJournal(options_.path)),
      store_(OpenStore(options_)),
      bytes_used_(store_->BytesUsed()),
      writer_([this] { WriteUntilStopped(); }) {}

SqliteJournal::~SqliteJournal() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
}

delivery::JournalContents SqliteJournal::Load() {
  {
    base::MutexLock lock(mutex_);
    WEBHOOK_ASSERT(!appended_);  // from then on the store is the writer's
  }
  try {
    return store_->Load();
  } catch (const SQLite::Exception& error) {
    throw JournalError(fmt::format("cannot read the journal {}: {}", options_.path, error.what()));
  }
}

void SqliteJournal::Append(std::vector<delivery::JournalEntry> entries,
                           std::function<void(bool)> done) {
  bool overflow = false;
  {
    base::MutexLock lock(mutex_);
    appended_ = true;
    overflow = queue_.size() >= options_.appends_queued_max;
    queue_.push_back({std::move(entries), std::move(done)});
  }
  if (overflow) {
    Fail(fmt::format("{} appends wait for the disk", options_.appends_queued_max));
  }
  wake_.notify_one();
}

void SqliteJournal::WriteUntilStopped() {
  for (Batch batch = WaitForBatch(); !batch.empty(); batch = WaitForBatch()) {
    const bool committed = healthy() && Commit(batch);
    Answer(std::move(batch), committed);
    if (committed) Checkpoint();
  }
}

SqliteJournal::Batch SqliteJournal::WaitForBatch() {
  base::MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) wake_.wait(mutex_);
  Batch batch;
  std::size_t entries = 0;
  while (!queue_.empty()) {
    entries += queue_.front().entries.size();
    if (!batch.empty() && entries > options_.entries_per_commit_max) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

bool SqliteJournal::Commit(const Batch& batch) {
  try {
    SQLite::Transaction transaction = store_->Begin();
    for (const PendingAppend& append : batch) {
      for (const delivery::JournalEntry& entry : append.entries) store_->Apply(entry);
    }
    const std::int64_t bytes_used = store_->BytesUsed();
    transaction.commit();
    bytes_used_.store(bytes_used, std::memory_order_relaxed);
    return true;
  } catch (const std::exception& error) {
    Fail(error.what());
    return false;
  }
}

// One task a commit: the strand is woken once, whatever the number of appends.
void SqliteJournal::Answer(Batch batch, bool committed) {
  strand_.Post([batch = std::move(batch), committed] {
    for (const PendingAppend& append : batch) append.done(committed);
  });
}

// What is committed stays so when this fails; but a log that cannot be written back grows for ever.
void SqliteJournal::Checkpoint() {
  try {
    store_->CheckpointIfDue();
  } catch (const std::exception& error) {
    Fail(error.what());
  }
}

void SqliteJournal::Fail(const std::string& reason) {
  base::MutexLock lock(mutex_);
  if (!healthy()) return;
  failure_ = fmt::format(
      "the journal {} failed: {} ({} of {} bytes used); nothing is claimed or sent until the cause "
      "is removed and the worker restarted",
      options_.path, reason, bytes_used_.load(std::memory_order_relaxed),
      options_.journal_bytes_max);
  healthy_.store(false, std::memory_order_release);
}

std::string SqliteJournal::failure() const {
  base::MutexLock lock(mutex_);
  return failure_;
}

JournalUsage SqliteJournal::usage() const {
  return {.bytes_used = bytes_used_.load(std::memory_order_relaxed),
          .bytes_max = options_.journal_bytes_max};
}

}  // namespace webhook::journal
