// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/sqlite_inbox.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "lib/journal/disk_shortage.h"
#include "lib/journal/journal_error.h"
#include "lib/journal/journal_files.h"

namespace webhook::journal {
namespace {

constexpr std::size_t kRowOverheadBytes = 512;  // of the row, its indexes and its identities
constexpr std::size_t kIdleIdentities = 1000;   // looked at in a commit of their own
constexpr std::size_t kExtraIdentities = 16;    // so that expiry keeps up with what is accepted
constexpr int kIdlePages = 512;
constexpr base::Milliseconds kTidyAfter{1000};    // without work
constexpr base::Milliseconds kTidyEvery{60'000};  // once there was nothing to tidy up

std::unique_ptr<JournalLock> LockInbox(const std::string& path) {
  CreateJournalDirectory(path);
  return std::make_unique<JournalLock>(path, "inbox");
}

// The constructor of the store prepares statements, so a damaged file can show there too.
std::unique_ptr<InboxStore> OpenInbox(const InboxOptions& options, std::string& snapshot) {
  try {
    auto store = std::make_unique<InboxStore>(options);
    SyncDirectoryOf(options.path);
    snapshot = store->LoadSnapshot();
    return store;
  } catch (const SQLite::Exception& error) {
    throw JournalError(fmt::format("cannot use the inbox {}: {}", options.path, error.what()));
  }
}

std::size_t BytesOf(const HashedItem& item) {
  return item.item.event_json.size() + item.item.event_uid.size() + item.item.identity_key.size() +
         item.item.replay_key.size() + kRowOverheadBytes;
}

bool IsDiskFull(const std::exception& error) {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&error);
  return sqlite != nullptr && sqlite->getErrorCode() == SQLITE_FULL;
}

std::string TakesNothing(const std::string& path, const std::string& why) {
  return fmt::format("the inbox {} takes nothing: {}; it goes on by itself once that has changed",
                     path, why);
}

template <typename T>
void PrependTo(std::deque<T>& queue, std::deque<T>& items) {
  queue.insert(queue.begin(), std::make_move_iterator(items.begin()),
               std::make_move_iterator(items.end()));
}

}  // namespace

SqliteInbox::SqliteInbox(InboxOptions options, base::Strand& strand, const base::Clock& clock)
    : options_(std::move(options)),
      strand_(strand),
      clock_(clock),
      lock_(LockInbox(options_.path)),
      store_(OpenInbox(options_, snapshot_)) {
  Publish("");
  thread_ = std::thread([this] { WorkUntilStopped(); });
}

SqliteInbox::~SqliteInbox() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SqliteInbox::Accept(delivery::InboxItem item,
                         std::function<void(delivery::InboxAnswer)> done) {
  HashedItem hashed = HashItem(std::move(item));
  const std::size_t bytes = BytesOf(hashed);
  bool wakes = false;
  {
    base::MutexLock lock(mutex_);
    if (HasRoomFor(bytes, RoomOf(hashed))) {
      wakes = accepts_.empty();
      ++queued_;
      queued_bytes_ += bytes;
      accepts_.push_back({std::move(hashed), bytes, std::exchange(done, nullptr)});
    }
  }
  if (wakes) wake_.notify_one();
  if (done) done({});  // it was not taken
}

// Rejected requests, which have no identity, leave the last quarter to what senders are promised:
// anybody can send them, for as long as Odoo is away.
std::int64_t SqliteInbox::RoomOf(const HashedItem& item) const {
  const bool is_promised = !item.identity_hash.empty() || !item.replay_hash.empty();
  return is_promised ? options_.bytes_max : options_.bytes_max / 4 * 3;
}

bool SqliteInbox::HasRoomFor(std::size_t bytes, std::int64_t bytes_max) {
  const std::size_t queued_bytes = queued_bytes_ + bytes;
  return !stopping_ && queued_ < options_.queued_max && queued_bytes <= options_.queued_bytes_max &&
         bytes_used_.load(std::memory_order_relaxed) + static_cast<std::int64_t>(queued_bytes) <=
             bytes_max;
}

void SqliteInbox::Fetch(std::int64_t after_sequence, std::size_t rows_max, std::size_t bytes_max,
                        std::function<void(delivery::InboxBatch)> done) {
  {
    base::MutexLock lock(mutex_);
    fetches_.push_back({after_sequence, rows_max, bytes_max, std::move(done)});
  }
  wake_.notify_one();
}

void SqliteInbox::Forget(std::vector<std::int64_t> sequences,
                         std::vector<model::DuplicateCount> duplicates) {
  Change change = {[sequences = std::move(sequences), duplicates](InboxStore& store) {
    store.Forget(sequences);
    for (const model::DuplicateCount& reported : duplicates) store.SubtractDuplicates(reported);
  }};
  change.reported = std::move(duplicates);
  Queue(std::move(change));
}

void SqliteInbox::Merge(std::string event_uid, std::string first_event_uid) {
  Queue({[uid = std::move(event_uid), first = std::move(first_event_uid)](InboxStore& store) {
    store.Merge(uid, first);
  }});
}

void SqliteInbox::SetAside(std::int64_t sequence, std::string reason) {
  Queue({[sequence, reason = std::move(reason)](InboxStore& store) {
    store.SetAside(sequence, reason);
  }});
}

void SqliteInbox::SaveSnapshot(std::string configuration_answer) {
  Queue({[answer = std::move(configuration_answer)](InboxStore& store) {
    store.SaveSnapshot(answer);
  }});
}

std::string SqliteInbox::LoadSnapshot() { return std::exchange(snapshot_, {}); }

void SqliteInbox::Queue(Change change) {
  {
    base::MutexLock lock(mutex_);
    changes_.push_back(std::move(change));
  }
  wake_.notify_one();
}

model::InboxState SqliteInbox::State() const {
  base::MutexLock lock(state_mutex_);
  return state_;
}

std::string SqliteInbox::failure() const {
  base::MutexLock lock(state_mutex_);
  return failure_;
}

void SqliteInbox::WorkUntilStopped() {
  for (bool last = false; !last;) {
    Round round = WaitForRound();
    last = round.last;
    if (round.empty() && healthy_) {
      TidyUp();
    } else {
      Serve(round);
    }
  }
}

SqliteInbox::Round SqliteInbox::WaitForRound() {
  base::MutexLock lock(mutex_);
  while (!MustWork() && wait_.count() > 0) {
    if (wake_.wait_for(mutex_, wait_) == std::cv_status::timeout) break;
  }
  return TakeRound();
}

// After a failure what was put back is no reason to hurry.
bool SqliteInbox::MustWork() {
  return stopping_ || !accepts_.empty() || (healthy_ && (!changes_.empty() || !fetches_.empty()));
}

SqliteInbox::Round SqliteInbox::TakeRound() {
  Round round;
  std::size_t bytes = 0;
  while (!accepts_.empty() && round.accepts.size() < options_.rows_per_commit_max) {
    bytes += accepts_.front().bytes;
    if (!round.accepts.empty() && bytes > options_.bytes_per_commit_max) break;
    round.accepts.push_back(std::move(accepts_.front()));
    accepts_.pop_front();
  }
  round.changes = std::exchange(changes_, {});
  round.fetches = std::exchange(fetches_, {});
  round.last = stopping_ && accepts_.empty();
  return round;
}

void SqliteInbox::Serve(Round& round) {
  Answers answers(round.accepts.size());  // kNoRoom
  const bool committed = Commit(round, answers);
  Answer(round, std::move(answers));
  if (committed) {
    round.changes.clear();
    AnswerFetches(round);
  }
  Checkpoint();
  if (committed && !healthy_) ReturnPages();
  PutBack(round);
  wait_ = healthy_ ? kTidyAfter : options_.probe_interval;
}

// True: the changes are on disk, and what was accepted.
bool SqliteInbox::Commit(const Round& round, Answers& answers) {
  try {
    const std::string shortage = Shortage();
    OpenStore();
    const bool accepts = shortage.empty() && !round.accepts.empty();
    const bool probes = shortage.empty() && !healthy_;
    if (accepts || probes || !round.changes.empty()) {
      store_->Commit([&] { Apply(round, accepts, answers); });
    }
    ForgetReported(round);
    Publish(shortage);
    return true;
  } catch (const std::exception& error) {
    answers.assign(round.accepts.size(), {});
    Fail(error);
    return false;
  }
}

void SqliteInbox::Apply(const Round& round, bool accepts, Answers& answers) {
  for (const Change& change : round.changes) change.apply(*store_);
  for (std::size_t i = 0; accepts && i < round.accepts.size(); ++i) {
    answers[i] = store_->Accept(round.accepts[i].item);
  }
  ExpireIdentities(2 * round.accepts.size() + kExtraIdentities);
  if (!healthy_) store_->Touch();  // or an empty commit would prove nothing
}

void SqliteInbox::ForgetReported(const Round& round) {
  for (const Change& change : round.changes) {
    for (const model::DuplicateCount& reported : change.reported) {
      const auto found = fetched_.find(reported.event_uid);
      if (found == fetched_.end()) continue;
      found->second -= reported.count;
      if (found->second <= 0) fetched_.erase(found);
    }
  }
}

void SqliteInbox::Answer(Round& round, Answers answers) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    bytes += round.accepts[i].bytes;
    round.accepts[i].done(std::move(answers[i]));
  }
  base::MutexLock lock(mutex_);
  queued_ -= answers.size();
  queued_bytes_ -= bytes;
}

// A fetch that cannot be answered waits: an empty answer would say that there is nothing.
void SqliteInbox::AnswerFetches(Round& round) {
  try {
    while (!round.fetches.empty()) {
      delivery::InboxBatch batch = Read(round.fetches.front());
      strand_.Post([done = std::move(round.fetches.front().done),
                    batch = std::move(batch)]() mutable { done(std::move(batch)); });
      round.fetches.pop_front();
    }
  } catch (const std::exception& error) {
    Fail(error);
  }
}

delivery::InboxBatch SqliteInbox::Read(const PendingFetch& fetch) {
  delivery::InboxBatch batch;
  batch.rows = store_->Fetch(fetch.after_sequence, fetch.rows_max, fetch.bytes_max);
  std::vector<model::DuplicateCount>& duplicates = batch.duplicates;
  store_->VisitDuplicates([&](const model::DuplicateCount& unreported) {
    if (duplicates.size() == options_.duplicates_per_fetch_max) return false;
    const auto found = fetched_.find(unreported.event_uid);
    const int count = unreported.count - (found == fetched_.end() ? 0 : found->second);
    if (count > 0) duplicates.push_back({unreported.event_uid, count});
    return true;
  });
  for (const model::DuplicateCount& count : duplicates) fetched_[count.event_uid] += count.count;
  return batch;
}

void SqliteInbox::PutBack(Round& round) {
  if (round.changes.empty() && round.fetches.empty()) return;
  base::MutexLock lock(mutex_);
  PrependTo(changes_, round.changes);
  PrependTo(fetches_, round.fetches);
}

// Nobody waits for it, so in small steps.
void SqliteInbox::TidyUp() {
  bool more = false;
  try {
    store_->Commit([&] { more = ExpireIdentities(kIdleIdentities); });
    more = ReturnPages() || more;
    if (healthy_) Publish(Shortage());
  } catch (const std::exception& error) {
    Fail(error);
  }
  wait_ = more ? base::Milliseconds(0) : kTidyEvery;
  if (!healthy_) wait_ = options_.probe_interval;
}

bool SqliteInbox::ReturnPages() {
  try {
    return store_ && store_->ReturnPages(kIdlePages);
  } catch (const std::exception& error) {
    Fail(error);
    return false;
  }
}

bool SqliteInbox::ExpireIdentities(std::size_t rows_max) {
  const bool room_is_short =
      bytes_used_.load(std::memory_order_relaxed) > options_.bytes_max / 4 * 3;
  const std::chrono::days age(room_is_short ? 0 : options_.identity_days);
  return store_->ExpireIdentities(clock_.Now() - age, rows_max);
}

// What is committed stays so when this fails; but a log that cannot be written back grows for ever,
// so that nothing is accepted until it can. On a full disk it is what makes room in the log.
void SqliteInbox::Checkpoint() {
  if (!store_) return;
  try {
    healthy_ ? store_->log().CheckpointIfDue() : store_->log().Checkpoint();
    log_problem_.clear();
  } catch (const JournalError& error) {
    log_problem_ = error.what();
  }
}

void SqliteInbox::OpenStore() {
  if (store_) return;
  store_ = std::make_unique<InboxStore>(options_);
  store_->GoOnAfter(last_sequence_);
  // The log may hold a commit whose fsync failed. No later fsync of the log says that it is on disk
  // (Linux forgets such pages), so it goes into the tables before anything is promised behind it.
  store_->log().Checkpoint();
}

std::string SqliteInbox::Shortage() const {
  return log_problem_.empty() ? DiskShortage(options_.path, options_.disk_free_bytes_min)
                              : log_problem_;
}

void SqliteInbox::Publish(const std::string& failure) {
  model::InboxState state = store_->Totals();
  state.bytes_max = options_.bytes_max;
  state.healthy = failure.empty();
  healthy_ = state.healthy;
  bytes_used_.store(state.bytes_used, std::memory_order_relaxed);
  base::MutexLock lock(state_mutex_);
  state_ = state;
  failure_ = healthy_ ? "" : TakesNothing(options_.path, failure);
}

// Only after a full disk is the connection as good as before: after an I/O error nobody knows what
// it believes to be on disk, and a new one reads that.
void SqliteInbox::Fail(const std::exception& error) {
  const std::string reason = error.what();
  if (store_ && !IsDiskFull(error)) {
    last_sequence_ = std::max(last_sequence_, store_->last_sequence());
    store_.reset();
  }
  healthy_ = false;
  base::MutexLock lock(state_mutex_);
  state_.healthy = false;
  failure_ = TakesNothing(options_.path, reason);
}

}  // namespace webhook::journal
