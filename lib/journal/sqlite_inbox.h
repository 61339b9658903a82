// SPDX-License-Identifier: LGPL-3.0-or-later
// The production inbox: one SQLite file, one thread that writes and reads it, group commit with an
// fsync. Everything that waits when the thread wakes shares a commit.
//
// It recovers by itself. When a commit fails (disk full, I/O error), what waited for it is answered
// kNoRoom and the inbox is unhealthy until a commit succeeds: tried with whatever comes next, and
// once a probe_interval. Meanwhile what the strand asked for (Forget, SetAside, Fetch, the
// snapshot) waits and is done then, in order. What was answered kNoRoom may be in the file all the
// same; its identity then makes the sender's next try a duplicate.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/inbox.h"
#include "lib/journal/inbox_options.h"
#include "lib/journal/inbox_store.h"
#include "lib/journal/journal_lock.h"

namespace webhook::journal {

class SqliteInbox final : public delivery::Inbox {
 public:
  // Creates what is missing. Throws JournalLocked when another process has this inbox, JournalError
  // when it cannot be opened. Strand and clock outlive the inbox.
  SqliteInbox(InboxOptions options, base::Strand& strand, const base::Clock& clock);

  // Commits what is queued and answers. On the strand's thread, or when that has ended.
  ~SqliteInbox() override;
  SqliteInbox(const SqliteInbox&) = delete;
  SqliteInbox& operator=(const SqliteInbox&) = delete;

  void Accept(delivery::InboxItem item, std::function<void(delivery::InboxAnswer)> done) override;
  void Fetch(std::int64_t after_sequence, std::size_t rows_max, std::size_t bytes_max,
             std::function<void(delivery::InboxBatch)> done) override;
  void Merge(std::string event_uid, std::string first_event_uid) override;
  void Forget(std::vector<std::int64_t> sequences,
              std::vector<model::DuplicateCount> duplicates) override;
  void SetAside(std::int64_t sequence, std::string reason) override;
  void SaveSnapshot(std::string configuration_answer) override;
  std::string LoadSnapshot() override;
  model::InboxState State() const override;

  // Any thread. One sentence about why it is unhealthy; empty while it is healthy.
  std::string failure() const;

 private:
  struct PendingAccept {
    HashedItem item;
    std::size_t bytes = 0;
    std::function<void(delivery::InboxAnswer)> done;
  };
  struct Change {
    std::function<void(InboxStore&)> apply;
    std::vector<model::DuplicateCount> reported = {};
  };
  struct PendingFetch {
    std::int64_t after_sequence = 0;
    std::size_t rows_max = 0;
    std::size_t bytes_max = 0;
    std::function<void(delivery::InboxBatch)> done;
  };
  // What is done at once: one commit, then the reads.
  struct Round {
    std::vector<PendingAccept> accepts;
    std::deque<Change> changes;
    std::deque<PendingFetch> fetches;
    bool last = false;

    bool empty() const { return accepts.empty() && changes.empty() && fetches.empty(); }
  };
  using Answers = std::vector<delivery::InboxAnswer>;

  std::int64_t RoomOf(const HashedItem& item) const;
  bool HasRoomFor(std::size_t bytes, std::int64_t bytes_max) WEBHOOK_REQUIRES(mutex_);
  void Queue(Change change);

  // The inbox's thread.
  void WorkUntilStopped();
  Round WaitForRound();
  bool MustWork() WEBHOOK_REQUIRES(mutex_);
  Round TakeRound() WEBHOOK_REQUIRES(mutex_);
  void Serve(Round& round);
  bool Commit(const Round& round, Answers& answers);
  void Apply(const Round& round, bool accepts, Answers& answers);
  void ForgetReported(const Round& round);
  void Answer(Round& round, Answers answers);
  void AnswerFetches(Round& round);
  delivery::InboxBatch Read(const PendingFetch& fetch);
  void PutBack(Round& round);
  void TidyUp();
  bool ReturnPages();
  bool ExpireIdentities(std::size_t rows_max);
  void Checkpoint();

  void OpenStore();
  std::string Shortage() const;  // empty: there is room
  void Publish(const std::string& failure);
  void Fail(const std::exception& error);

  const InboxOptions options_;
  base::Strand& strand_;
  const base::Clock& clock_;
  const std::unique_ptr<JournalLock> lock_;
  std::string snapshot_;               // as it was at the start
  std::unique_ptr<InboxStore> store_;  // null after a failure, until it can be opened again
  std::int64_t last_sequence_ = 0;
  std::string log_problem_;             // why it could not be written back; empty: it could
  bool healthy_ = true;                 // of the inbox's thread; for others: state_
  std::map<std::string, int> fetched_;  // duplicates by uid: fetched, not reported yet
  base::Milliseconds wait_{0};          // until something is done unasked
  std::atomic<std::int64_t> bytes_used_ = 0;

  mutable base::Mutex state_mutex_;
  model::InboxState state_ WEBHOOK_GUARDED_BY(state_mutex_);
  std::string failure_ WEBHOOK_GUARDED_BY(state_mutex_);

  base::Mutex mutex_;
  base::Condition wake_;
  std::deque<PendingAccept> accepts_ WEBHOOK_GUARDED_BY(mutex_);
  std::deque<Change> changes_ WEBHOOK_GUARDED_BY(mutex_);
  std::deque<PendingFetch> fetches_ WEBHOOK_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ WEBHOOK_GUARDED_BY(mutex_) = 0;  // also of those being committed
  std::size_t queued_ WEBHOOK_GUARDED_BY(mutex_) = 0;
  bool stopping_ WEBHOOK_GUARDED_BY(mutex_) = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace webhook::journal
