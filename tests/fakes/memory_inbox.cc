// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/memory_inbox.h"

#include <fmt/format.h>

namespace webhook::fakes {

using delivery::InboxAnswer;
using delivery::InboxBatch;
using delivery::InboxItem;
using delivery::InboxVerdict;

namespace {

std::vector<std::string> KeysOf(const InboxItem& item) {
  std::vector<std::string> keys;
  if (!item.identity_key.empty()) {
    keys.push_back(fmt::format("{}/identity/{}", item.endpoint_id, item.identity_key));
  }
  if (!item.replay_key.empty()) {
    keys.push_back(fmt::format("{}/replay/{}", item.endpoint_id, item.replay_key));
  }
  return keys;
}

InboxAnswer Store(InboxContents& contents, const InboxItem& item) {
  const std::vector<std::string> keys = KeysOf(item);
  for (const std::string& key : keys) {
    if (const auto first = contents.identities.find(key); first != contents.identities.end()) {
      ++contents.duplicates[first->second];
      return {InboxVerdict::kDuplicate, first->second};
    }
  }
  for (const std::string& key : keys) contents.identities[key] = item.event_uid;
  contents.rows[++contents.last_sequence] = item;
  return {InboxVerdict::kStored, item.event_uid};
}

}  // namespace

MemoryInbox::MemoryInbox(base::Strand& strand, base::Milliseconds commit_latency,
                         InboxContents contents)
    : strand_(strand),
      commit_latency_(commit_latency),
      contents_(std::move(contents)),
      self_(std::make_shared<MemoryInbox*>(this)) {}

void MemoryInbox::Accept(InboxItem item, std::function<void(InboxAnswer)> done) {
  bool full = false;
  {
    base::MutexLock lock(mutex_);
    full = full_;
  }
  if (full) return done({InboxVerdict::kNoRoom, ""});
  const auto answer = std::make_shared<InboxAnswer>();
  Append({[item = std::move(item), answer](InboxContents& contents) {
            const InboxAnswer stored = Store(contents, item);
            *answer = stored;
          },
          [answer, done = std::move(done)] { done(*answer); }});
}

void MemoryInbox::Fetch(std::int64_t after_sequence, std::size_t rows_max, std::size_t bytes_max,
                        std::function<void(InboxBatch)> done) {
  strand_.Post([this, self = std::weak_ptr(self_), after_sequence, rows_max, bytes_max,
                done = std::move(done)] {
    if (self.expired()) return;
    InboxBatch batch;
    {
      base::MutexLock lock(mutex_);
      std::size_t bytes = 0;
      for (auto row = contents_.rows.upper_bound(after_sequence); row != contents_.rows.end();
           ++row) {
        if (contents_.set_aside.contains(row->first)) continue;
        const InboxItem& item = row->second;
        bytes += item.event_json.size();
        if (batch.rows.size() >= rows_max || (!batch.rows.empty() && bytes > bytes_max)) break;
        batch.rows.push_back({row->first, item.event_uid, item.endpoint_id, item.event_json});
      }
      for (const auto& [uid, count] : contents_.duplicates) {
        if (Awaits(uid)) continue;  // Odoo does not know it yet
        int& fetched = fetched_duplicates_[uid];
        if (count > fetched) batch.duplicates.push_back({uid, count - fetched});
        fetched = count;
      }
    }
    done(std::move(batch));
  });
}

bool MemoryInbox::Awaits(const std::string& event_uid) const {
  for (const auto& [sequence, item] : contents_.rows) {
    if (item.event_uid == event_uid && !contents_.set_aside.contains(sequence)) return true;
  }
  return false;
}

void MemoryInbox::Forget(std::vector<std::int64_t> sequences,
                         std::vector<model::DuplicateCount> duplicates) {
  Append({[sequences = std::move(sequences), duplicates](InboxContents& contents) {
            for (const std::int64_t sequence : sequences) contents.rows.erase(sequence);
            for (const auto& [uid, count] : duplicates) {
              int& left = contents.duplicates[uid];
              left -= count;
              if (left <= 0) contents.duplicates.erase(uid);
            }
          },
          nullptr, duplicates});
}

void MemoryInbox::Merge(std::string event_uid, std::string first_event_uid) {
  Append(
      {[uid = std::move(event_uid), first = std::move(first_event_uid)](InboxContents& contents) {
         for (auto& [key, known] : contents.identities) {
           if (known == uid) known = first;
         }
         const auto counted = contents.duplicates.extract(uid);
         if (!counted.empty()) contents.duplicates[first] += counted.mapped();
       },
       nullptr});
}

void MemoryInbox::SetAside(std::int64_t sequence, std::string reason) {
  Append({[sequence, reason = std::move(reason)](InboxContents& contents) {
            contents.set_aside[sequence] = reason;
          },
          nullptr});
}

void MemoryInbox::SaveSnapshot(std::string configuration_answer) {
  Append({[text = std::move(configuration_answer)](InboxContents& contents) {
            contents.snapshot = text;
          },
          nullptr});
}

std::string MemoryInbox::LoadSnapshot() { return contents().snapshot; }

model::InboxState MemoryInbox::State() const {
  base::MutexLock lock(mutex_);
  model::InboxState state;
  state.set_aside_count = std::ssize(contents_.set_aside);
  state.event_count = std::ssize(contents_.rows) - state.set_aside_count;
  for (const auto& [sequence, item] : contents_.rows) {
    state.bytes_used += std::ssize(item.event_json);
    if (contents_.set_aside.contains(sequence)) continue;
    if (!state.oldest_accepted_at) state.oldest_accepted_at = item.received_at;
  }
  state.bytes_max = 1 << 30;
  state.healthy = !full_;
  return state;
}

void MemoryInbox::SetFull(bool full) {
  base::MutexLock lock(mutex_);
  full_ = full;
}

InboxContents MemoryInbox::contents() const {
  base::MutexLock lock(mutex_);
  return contents_;
}

InboxContents MemoryInbox::CrashCopy(base::Random& random) const {
  base::MutexLock lock(mutex_);
  InboxContents copy = contents_;
  const std::size_t kept = random.Next() % (writes_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) writes_[i].apply(copy);
  return copy;
}

void MemoryInbox::Append(Write write) {
  base::MutexLock lock(mutex_);
  writes_.push_back(std::move(write));
  if (commit_is_planned_) return;
  commit_is_planned_ = true;
  strand_.After(commit_latency_, [this, self = std::weak_ptr(self_)] {
    if (!self.expired()) Commit();
  });
}

void MemoryInbox::Commit() {
  std::vector<Write> writes;
  {
    base::MutexLock lock(mutex_);
    commit_is_planned_ = false;
    writes = std::move(writes_);
    writes_.clear();
    for (const Write& write : writes) {
      write.apply(contents_);
      for (const auto& [uid, count] : write.reported) fetched_duplicates_[uid] -= count;
    }
  }
  for (const Write& write : writes) {
    if (write.done) write.done();
  }
}

}  // namespace webhook::fakes
