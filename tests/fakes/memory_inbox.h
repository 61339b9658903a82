// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbox in memory: the model that the SQLite one is compared with, and the one of simulations.
// Deterministic. A commit takes `commit_latency` of the strand's time; what was accepted before it
// shares it. Accept may be called by any thread, the rest by the strand's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/base/random.h"
#include "lib/base/strand.h"
#include "lib/delivery/ports/inbox.h"

namespace webhook::fakes {

// What is on disk.
struct InboxContents {
  std::map<std::int64_t, delivery::InboxItem> rows;  // by sequence
  std::map<std::int64_t, std::string> set_aside;     // why, by sequence of a row
  std::map<std::string, std::string> identities;     // scope and key to the first uid
  std::map<std::string, int> duplicates;             // not reported yet, by uid
  std::int64_t last_sequence = 0;
  std::string snapshot;
};

class MemoryInbox final : public delivery::Inbox {
 public:
  explicit MemoryInbox(base::Strand& strand,
                       base::Milliseconds commit_latency = base::Milliseconds(0),
                       InboxContents contents = {});

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

  // From now on nothing fits, as on a full disk.
  void SetFull(bool full);

  InboxContents contents() const;

  // What a process started after the death of this one finds: everything committed, and of what was
  // under way, in its order, as much as `random` says.
  InboxContents CrashCopy(base::Random& random) const;

 private:
  bool Awaits(const std::string& event_uid) const WEBHOOK_REQUIRES(mutex_);
  struct Write {
    std::function<void(InboxContents&)> apply;
    std::function<void()> done;  // null: nobody waits
    std::vector<model::DuplicateCount> reported = {};
  };

  void Append(Write write);
  void Commit();

  base::Strand& strand_;
  const base::Milliseconds commit_latency_;
  mutable base::Mutex mutex_;
  InboxContents contents_ WEBHOOK_GUARDED_BY(mutex_);
  std::vector<Write> writes_ WEBHOOK_GUARDED_BY(mutex_);
  bool commit_is_planned_ WEBHOOK_GUARDED_BY(mutex_) = false;
  bool full_ WEBHOOK_GUARDED_BY(mutex_) = false;
  // Reported with a batch, and not forgotten yet.
  std::map<std::string, int> fetched_duplicates_ WEBHOOK_GUARDED_BY(mutex_);
  std::shared_ptr<MemoryInbox*> self_;  // tasks of a dead inbox find it expired
};

}  // namespace webhook::fakes
