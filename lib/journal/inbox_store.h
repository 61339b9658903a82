// SPDX-License-Identifier: LGPL-3.0-or-later
// The inbox tables: each step of the inbox as SQL. One thread at a time. What goes wrong is an
// exception (SQLite::Exception, JournalError); after SQLITE_FULL the store can be used again once
// the transaction is rolled back, after anything else it is to be opened anew.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/delivery/ports/inbox.h"
#include "lib/journal/inbox_options.h"
#include "lib/journal/write_ahead_log.h"

namespace webhook::journal {

// What is asked to be accepted, its identities hashed. An empty hash: it has no such identity.
struct HashedItem {
  delivery::InboxItem item;
  std::string identity_hash;
  std::string replay_hash;
};

// SHA-256 of the item's identities. Any thread.
HashedItem HashItem(delivery::InboxItem item);

struct StoredRow {
  delivery::InboxItem item;  // without its keys
  std::optional<std::string> set_aside_reason = std::nullopt;
};

struct StoredIdentity {
  model::RecordId endpoint_id = 0;
  int kind = 0;  // 1 delivery, 2 replay
  std::string key_hash;
  std::string event_uid;
  std::int64_t accepted_at_ms = 0;
  std::int64_t duplicates_unreported = 0;
};

class InboxStore {
 public:
  explicit InboxStore(const InboxOptions& options);
  InboxStore(const InboxStore&) = delete;
  InboxStore& operator=(const InboxStore&) = delete;

  // A transaction with any number of changes. When `change` throws, or the commit fails, none of
  // them is in the file and the exception goes on.
  void Commit(const std::function<void()>& change);

  // Changes: inside Commit.
  delivery::InboxAnswer Accept(const HashedItem& item);
  void Forget(const std::vector<std::int64_t>& sequences);
  void Merge(const std::string& event_uid, const std::string& first_event_uid);
  void SubtractDuplicates(const model::DuplicateCount& reported);
  void SetAside(std::int64_t sequence, const std::string& reason);
  void SaveSnapshot(const std::string& configuration_answer);
  void Touch();  // writes a page, to see whether that works

  // Looks at the oldest identities, `rows_max` of them, and deletes those accepted before `cutoff`,
  // unless their event is here or has unreported duplicates. True: there may be more.
  bool ExpireIdentities(base::WallTime cutoff, std::size_t rows_max);

  // False when the inbox has it already: nothing is changed then.
  bool Import(const StoredRow& row);
  bool Import(const StoredIdentity& identity);

  // Of the row accepted last. One that is opened anew goes on after it: whoever fetches remembers
  // how far it came.
  std::int64_t last_sequence() const { return sequence_; }
  void GoOnAfter(std::int64_t sequence) { sequence_ = std::max(sequence_, sequence); }

  // Reads.
  std::vector<delivery::InboxRow> Fetch(std::int64_t after_sequence, std::size_t rows_max,
                                        std::size_t bytes_max);
  // The unreported ones of all events, until `visit` says false.
  void VisitDuplicates(const std::function<bool(const model::DuplicateCount&)>& visit);
  void VisitRows(const std::function<void(const StoredRow&)>& visit);  // by sequence
  void VisitIdentities(const std::function<void(const StoredIdentity&)>& visit);
  std::string LoadSnapshot();
  // As of the last commit, but for health and budget.
  model::InboxState Totals();

  // Outside of Commit: gives up to `pages` freed pages back to the file system. False when few
  // enough are left.
  bool ReturnPages(int pages);
  WriteAheadLog& log() { return log_; }

 private:
  struct Counts {
    std::int64_t waiting = 0;
    std::int64_t set_aside = 0;
  };

  SQLite::Statement Prepare(const char* sql) { return SQLite::Statement(database_, sql); }
  std::int64_t Number(SQLite::Statement& statement);
  std::int64_t FreePages() { return Number(free_page_count_); }
  bool CountDuplicate(const HashedItem& item, int kind, std::string& first_uid);
  bool InsertRow(const delivery::InboxItem& item, const std::optional<std::string>& reason);
  bool InsertIdentity(const StoredIdentity& identity);

  const InboxOptions options_;
  SQLite::Database database_;
  WriteAheadLog log_;
  SQLite::Statement find_identity_;
  SQLite::Statement count_duplicate_;
  SQLite::Statement insert_identity_;
  SQLite::Statement insert_row_;
  SQLite::Statement delete_row_;
  SQLite::Statement set_aside_;
  SQLite::Statement merge_;
  SQLite::Statement unreported_;
  SQLite::Statement subtract_duplicates_;
  SQLite::Statement oldest_identities_;
  SQLite::Statement delete_identity_;
  SQLite::Statement fetch_;
  SQLite::Statement oldest_row_;
  SQLite::Statement page_count_;
  SQLite::Statement free_page_count_;
  std::int64_t sequence_;         // of the row accepted last
  std::int64_t identity_number_;  // of the identity accepted last
  std::int64_t expired_up_to_ = 0;
  std::int64_t oldest_sequence_ = 0;  // no row before it waits
  Counts counts_;
};

}  // namespace webhook::journal
