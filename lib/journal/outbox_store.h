// SPDX-License-Identifier: LGPL-3.0-or-later
// The outbox tables: every journal entry as SQL. One thread at a time. What goes wrong is an
// exception (SQLite::Exception, JournalError), after which the store must not be used any more.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <cstdint>

#include "lib/delivery/ports/journal.h"
#include "lib/journal/journal_options.h"
#include "lib/journal/write_ahead_log.h"

namespace webhook::journal {

class OutboxStore {
 public:
  explicit OutboxStore(const JournalOptions& options);
  OutboxStore(const OutboxStore&) = delete;
  OutboxStore& operator=(const OutboxStore&) = delete;

  delivery::JournalContents Load();

  // Begin, any number of Apply, Commit. Without Commit the destructor rolls back.
  SQLite::Transaction Begin();
  void Apply(const delivery::JournalEntry& entry);

  // Bytes of the pages in use; inside a transaction those that it would leave.
  std::int64_t BytesUsed();

  // WriteAheadLog::CheckpointIfDue
  void CheckpointIfDue() { log_.CheckpointIfDue(); }

 private:
  void Apply(const delivery::ClaimStarted& entry);
  void Apply(const delivery::ClaimFinished& entry);
  void Apply(const delivery::SendIntent& entry);
  void Apply(const delivery::SettlementRecorded& entry);
  void Apply(const delivery::SettlementAcknowledged& entry);
  void Apply(const delivery::SettlementSetAside& entry);
  void Apply(const delivery::MetaSet& entry);

  void LoadClaims(delivery::JournalContents& contents);
  void LoadIntents(delivery::JournalContents& contents);
  void LoadSettlements(delivery::JournalContents& contents);
  void LoadMeta(delivery::JournalContents& contents);
  std::int64_t LastSequence();

  const JournalOptions options_;
  SQLite::Database database_;
  WriteAheadLog log_;
  SQLite::Statement insert_claim_;
  SQLite::Statement delete_claim_;
  SQLite::Statement insert_intent_;
  SQLite::Statement delete_intent_;
  SQLite::Statement insert_settlement_;
  SQLite::Statement delete_settlement_;
  SQLite::Statement set_settlement_aside_;
  SQLite::Statement set_meta_;
  SQLite::Statement page_count_;
  SQLite::Statement free_page_count_;
  std::int64_t sequence_;  // of the entry recorded last
};

}  // namespace webhook::journal
