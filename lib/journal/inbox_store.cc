// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/inbox_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/journal/database.h"
#include "lib/signing/hash.h"

namespace webhook::journal {
namespace {

constexpr int kDeliveryIdentity = 1;
constexpr int kReplayIdentity = 2;

// A backstop only: the budget is kept by who asks. Above it, so that what shrinks the tables, and
// needs a page for that, never fails.
std::int64_t TableBytesMax(const InboxOptions& options) {
  return options.bytes_max + options.bytes_max / 4 + (std::int64_t{64} << 20);
}

DatabaseSettings Settings(const InboxOptions& options) {
  return {.path = options.path,
          .kind = kInboxKind,
          .migrations = BundledInboxMigrations(),
          .commits_reach_disk = true,
          .returns_pages = true,
          .bytes_max = TableBytesMax(options),
          .cache_kib = 16384,
          .busy_timeout = options.busy_timeout};
}

// A statement that is left by an exception must not keep its row, nor its bindings.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  ~Use() { statement_.tryReset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  SQLite::Statement& statement_;
};

int Run(SQLite::Statement& statement) {
  const Use use(statement);
  return statement.exec();
}

void BindBytes(SQLite::Statement& statement, int index, const std::string& bytes) {
  statement.bindNoCopy(index, bytes.data(), static_cast<int>(bytes.size()));
}

delivery::InboxRow ReadRow(SQLite::Statement& row) {
  return {.sequence = row.getColumn(0).getInt64(),
          .event_uid = row.getColumn(1).getString(),
          .endpoint_id = row.getColumn(2).getInt64(),
          .event_json = row.getColumn(3).getString()};
}

StoredIdentity ReadIdentity(SQLite::Statement& row) {
  return {.endpoint_id = row.getColumn(0).getInt64(),
          .kind = row.getColumn(1).getInt(),
          .key_hash = row.getColumn(2).getString(),
          .event_uid = row.getColumn(3).getString(),
          .accepted_at_ms = row.getColumn(4).getInt64(),
          .duplicates_unreported = row.getColumn(5).getInt64()};
}

const std::string& HashOf(const HashedItem& item, int kind) {
  return kind == kDeliveryIdentity ? item.identity_hash : item.replay_hash;
}

StoredIdentity IdentityOf(const HashedItem& item, int kind) {
  return {.endpoint_id = item.item.endpoint_id,
          .kind = kind,
          .key_hash = HashOf(item, kind),
          .event_uid = item.item.event_uid,
          .accepted_at_ms = base::ToUnixMs(item.item.received_at)};
}

std::string HashKey(const std::string& key) {
  return key.empty() ? "" : signing::HashBytes(signing::Digest::kSha256, key);
}

}  // namespace

HashedItem HashItem(delivery::InboxItem item) {
  std::string identity_hash = HashKey(item.identity_key);
  std::string replay_hash = HashKey(item.replay_key);
  return {std::move(item), std::move(identity_hash), std::move(replay_hash)};
}

InboxStore::InboxStore(const InboxOptions& options)
    : options_(options),
      database_(OpenDatabase(Settings(options))),
      log_(database_,
           {.checkpoint_pages = options.checkpoint_pages, .bytes_max = options.log_bytes_max}),
      find_identity_(Prepare("SELECT number, event_uid FROM identity "
                             "WHERE endpoint_id = ? AND kind = ? AND key_hash = ?")),
      count_duplicate_(Prepare("UPDATE identity SET duplicates_unreported = "
                               "duplicates_unreported + 1 WHERE number = ?")),
      insert_identity_(Prepare("INSERT OR IGNORE INTO identity (number, endpoint_id, kind, "
                               "key_hash, event_uid, accepted_at_ms, duplicates_unreported) "
                               "VALUES (?, ?, ?, ?, ?, ?, ?)")),
      insert_row_(Prepare("INSERT OR IGNORE INTO inbox (sequence, event_uid, endpoint_id, "
                          "received_at_ms, set_aside_reason, event_json) "
                          "VALUES (?, ?, ?, ?, ?, ?)")),
      delete_row_(Prepare("DELETE FROM inbox WHERE sequence = ? RETURNING set_aside_reason")),
      set_aside_(Prepare("UPDATE inbox SET set_aside_reason = ? "
                         "WHERE sequence = ? AND set_aside_reason IS NULL")),
      merge_(Prepare("UPDATE identity SET event_uid = ? WHERE event_uid = ?")),
      unreported_(Prepare("SELECT number, duplicates_unreported FROM identity "
                          "WHERE event_uid = ? AND duplicates_unreported > 0")),
      subtract_duplicates_(Prepare("UPDATE identity SET duplicates_unreported = "
                                   "duplicates_unreported - ? WHERE number = ?")),
      oldest_identities_(Prepare(
          "SELECT number, accepted_at_ms, duplicates_unreported > 0 OR EXISTS (SELECT 1 FROM inbox "
          "WHERE inbox.event_uid = identity.event_uid) FROM identity WHERE number > ? "
          "ORDER BY number LIMIT ?")),
      delete_identity_(Prepare("DELETE FROM identity WHERE number = ?")),
      fetch_(Prepare("SELECT sequence, event_uid, endpoint_id, event_json FROM inbox "
                     "WHERE sequence > ? AND set_aside_reason IS NULL ORDER BY sequence LIMIT ?")),
      oldest_row_(Prepare("SELECT received_at_ms, sequence FROM inbox WHERE sequence >= ? "
                          "AND set_aside_reason IS NULL ORDER BY sequence LIMIT 1")),
      page_count_(Prepare("PRAGMA page_count")),
      free_page_count_(Prepare("PRAGMA freelist_count")),
      sequence_(database_.execAndGet("SELECT coalesce(max(sequence), 0) FROM inbox").getInt64()),
      identity_number_(
          database_.execAndGet("SELECT coalesce(max(number), 0) FROM identity").getInt64()) {
  counts_.set_aside =
      database_.execAndGet("SELECT count(*) FROM inbox WHERE set_aside_reason IS NOT NULL")
          .getInt64();
  counts_.waiting =
      database_.execAndGet("SELECT count(*) FROM inbox").getInt64() - counts_.set_aside;
}

void InboxStore::Commit(const std::function<void()>& change) {
  const Counts before = counts_;
  try {
    SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
    change();
    transaction.commit();
  } catch (const std::exception&) {
    counts_ = before;
    throw;
  }
}

delivery::InboxAnswer InboxStore::Accept(const HashedItem& item) {
  using delivery::InboxVerdict;
  std::string first_uid;
  for (const int kind : {kDeliveryIdentity, kReplayIdentity}) {
    if (CountDuplicate(item, kind, first_uid)) return {InboxVerdict::kDuplicate, first_uid};
  }
  const std::string& uid = item.item.event_uid;
  if (!InsertRow(item.item, std::nullopt)) return {InboxVerdict::kDuplicate, uid};
  for (const int kind : {kDeliveryIdentity, kReplayIdentity}) {
    if (!HashOf(item, kind).empty()) InsertIdentity(IdentityOf(item, kind));
  }
  return {InboxVerdict::kStored, uid};
}

bool InboxStore::CountDuplicate(const HashedItem& item, int kind, std::string& first_uid) {
  const std::string& hash = HashOf(item, kind);
  if (hash.empty()) return false;
  const Use use(find_identity_);
  find_identity_.bind(1, item.item.endpoint_id);
  find_identity_.bind(2, kind);
  BindBytes(find_identity_, 3, hash);
  if (!find_identity_.executeStep()) return false;
  first_uid = find_identity_.getColumn(1).getString();
  count_duplicate_.bind(1, find_identity_.getColumn(0).getInt64());
  Run(count_duplicate_);
  return true;
}

bool InboxStore::InsertRow(const delivery::InboxItem& item,
                           const std::optional<std::string>& reason) {
  insert_row_.bind(1, ++sequence_);
  insert_row_.bindNoCopy(2, item.event_uid);
  insert_row_.bind(3, item.endpoint_id);
  insert_row_.bind(4, base::ToUnixMs(item.received_at));
  if (reason) {
    insert_row_.bindNoCopy(5, *reason);
  } else {
    insert_row_.bind(5);
  }
  insert_row_.bindNoCopy(6, item.event_json);
  if (Run(insert_row_) == 0) return false;
  ++(reason ? counts_.set_aside : counts_.waiting);
  return true;
}

bool InboxStore::InsertIdentity(const StoredIdentity& identity) {
  insert_identity_.bind(1, ++identity_number_);
  insert_identity_.bind(2, identity.endpoint_id);
  insert_identity_.bind(3, identity.kind);
  BindBytes(insert_identity_, 4, identity.key_hash);
  insert_identity_.bindNoCopy(5, identity.event_uid);
  insert_identity_.bind(6, identity.accepted_at_ms);
  insert_identity_.bind(7, identity.duplicates_unreported);
  return Run(insert_identity_) != 0;
}

void InboxStore::Forget(const std::vector<std::int64_t>& sequences) {
  for (const std::int64_t sequence : sequences) {
    const Use use(delete_row_);
    delete_row_.bind(1, sequence);
    if (!delete_row_.executeStep()) continue;
    // Not `RETURNING … IS NOT NULL`: that is always 1 where a partial index has it as its condition
    // (SQLite 3.40).
    --(delete_row_.getColumn(0).isNull() ? counts_.waiting : counts_.set_aside);
    delete_row_.executeStep();  // to its end
  }
}

void InboxStore::Merge(const std::string& event_uid, const std::string& first_event_uid) {
  merge_.bindNoCopy(1, first_event_uid);
  merge_.bindNoCopy(2, event_uid);
  Run(merge_);
}

void InboxStore::SubtractDuplicates(const model::DuplicateCount& reported) {
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;  // its delivery and replay identity
  {
    const Use use(unreported_);
    unreported_.bindNoCopy(1, reported.event_uid);
    while (unreported_.executeStep()) {
      rows.emplace_back(unreported_.getColumn(0).getInt64(), unreported_.getColumn(1).getInt64());
    }
  }
  std::int64_t left = reported.count;
  for (const auto& [number, count] : rows) {
    const std::int64_t part = std::min(left, count);
    subtract_duplicates_.bind(1, part);
    subtract_duplicates_.bind(2, number);
    Run(subtract_duplicates_);
    left -= part;
  }
}

void InboxStore::SetAside(std::int64_t sequence, const std::string& reason) {
  set_aside_.bindNoCopy(1, reason);
  set_aside_.bind(2, sequence);
  const int changed = Run(set_aside_);
  counts_.waiting -= changed;
  counts_.set_aside += changed;
}

void InboxStore::SaveSnapshot(const std::string& configuration_answer) {
  SQLite::Statement save = Prepare("INSERT OR REPLACE INTO snapshot VALUES (1, ?)");
  save.bindNoCopy(1, configuration_answer);
  Run(save);
}

void InboxStore::Touch() {
  database_.exec("PRAGMA user_version = " +
                 database_.execAndGet("PRAGMA user_version").getString());
}

bool InboxStore::ExpireIdentities(base::WallTime cutoff, std::size_t rows_max) {
  std::vector<std::int64_t> expired;
  bool more = false;
  {
    const Use use(oldest_identities_);
    oldest_identities_.bind(1, expired_up_to_);
    oldest_identities_.bind(2, static_cast<std::int64_t>(rows_max));
    std::size_t seen = 0;
    bool young = false;
    while (!young && oldest_identities_.executeStep()) {
      young = oldest_identities_.getColumn(1).getInt64() >= base::ToUnixMs(cutoff);
      if (young) break;
      ++seen;
      const std::int64_t number = oldest_identities_.getColumn(0).getInt64();
      if (oldest_identities_.getColumn(2).getInt() == 0) expired.push_back(number);
      expired_up_to_ = number;
    }
    more = !young && seen == rows_max;
  }
  for (const std::int64_t number : expired) {
    delete_identity_.bind(1, number);
    Run(delete_identity_);
  }
  // Those that were passed over, since their event was here, are looked at again.
  if (!more) expired_up_to_ = 0;
  return more;
}

bool InboxStore::Import(const StoredRow& row) { return InsertRow(row.item, row.set_aside_reason); }

bool InboxStore::Import(const StoredIdentity& identity) { return InsertIdentity(identity); }

std::vector<delivery::InboxRow> InboxStore::Fetch(std::int64_t after_sequence, std::size_t rows_max,
                                                  std::size_t bytes_max) {
  std::vector<delivery::InboxRow> rows;
  std::size_t bytes = 0;
  const Use use(fetch_);
  fetch_.bind(1, after_sequence);
  fetch_.bind(2, static_cast<std::int64_t>(rows_max));
  while (fetch_.executeStep()) {
    bytes += static_cast<std::size_t>(fetch_.getColumn(3).getBytes());
    if (!rows.empty() && bytes > bytes_max) break;
    rows.push_back(ReadRow(fetch_));
  }
  return rows;
}

void InboxStore::VisitDuplicates(const std::function<bool(const model::DuplicateCount&)>& visit) {
  SQLite::Statement row = Prepare(
      "SELECT event_uid, sum(duplicates_unreported) FROM identity "
      "WHERE duplicates_unreported > 0 AND NOT EXISTS (SELECT 1 FROM inbox "
      "WHERE inbox.event_uid = identity.event_uid AND set_aside_reason IS NULL) "
      "GROUP BY event_uid");
  bool wanted = true;
  while (wanted && row.executeStep()) {
    const std::int64_t count = row.getColumn(1).getInt64();
    wanted = visit({.event_uid = row.getColumn(0).getString(),
                    .count = static_cast<int>(
                        std::min<std::int64_t>(count, std::numeric_limits<int>::max()))});
  }
}

void InboxStore::VisitRows(const std::function<void(const StoredRow&)>& visit) {
  SQLite::Statement row = Prepare(
      "SELECT event_uid, endpoint_id, received_at_ms, event_json, set_aside_reason "
      "FROM inbox ORDER BY sequence");
  while (row.executeStep()) {
    StoredRow stored;
    stored.item.event_uid = row.getColumn(0).getString();
    stored.item.endpoint_id = row.getColumn(1).getInt64();
    stored.item.received_at = base::FromUnixMs(row.getColumn(2).getInt64());
    stored.item.event_json = row.getColumn(3).getString();
    if (!row.getColumn(4).isNull()) stored.set_aside_reason = row.getColumn(4).getString();
    visit(stored);
  }
}

void InboxStore::VisitIdentities(const std::function<void(const StoredIdentity&)>& visit) {
  SQLite::Statement row = Prepare(
      "SELECT endpoint_id, kind, key_hash, event_uid, accepted_at_ms, "
      "duplicates_unreported FROM identity ORDER BY number");
  while (row.executeStep()) visit(ReadIdentity(row));
}

std::string InboxStore::LoadSnapshot() {
  SQLite::Statement row = Prepare("SELECT configuration_answer FROM snapshot");
  return row.executeStep() ? row.getColumn(0).getString() : "";
}

model::InboxState InboxStore::Totals() {
  model::InboxState state = {
      .event_count = counts_.waiting,
      .bytes_used = (Number(page_count_) - FreePages()) * kPageBytes,
      .set_aside_count = counts_.set_aside,
  };
  const Use use(oldest_row_);
  oldest_row_.bind(1, oldest_sequence_);
  if (counts_.waiting > 0 && oldest_row_.executeStep()) {
    state.oldest_accepted_at = base::FromUnixMs(oldest_row_.getColumn(0).getInt64());
    oldest_sequence_ = oldest_row_.getColumn(1).getInt64();
  }
  return state;
}

bool InboxStore::ReturnPages(int pages) {
  const std::int64_t spare = FreePages() - options_.free_bytes_kept / kPageBytes;
  if (spare <= 0) return false;
  const std::int64_t count = std::min<std::int64_t>(spare, pages);
  SQLite::Statement vacuum(database_, "PRAGMA incremental_vacuum(" + std::to_string(count) + ")");
  while (vacuum.executeStep()) continue;  // a page each
  log_.Checkpoint();                      // which is what makes the file shorter
  return spare > count;
}

std::int64_t InboxStore::Number(SQLite::Statement& statement) {
  const Use use(statement);
  statement.executeStep();
  return statement.getColumn(0).getInt64();
}

}  // namespace webhook::journal
