// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/journal/outbox_store.h"

#include <fmt/format.h>

#include <variant>

#include "lib/journal/database.h"
#include "lib/journal/journal_error.h"

namespace webhook::journal {
namespace {

void Run(SQLite::Statement& statement) {
  statement.exec();
  statement.reset();
}

std::int64_t ReadNumber(SQLite::Statement& statement) {
  statement.executeStep();
  const std::int64_t number = statement.getColumn(0).getInt64();
  statement.reset();
  return number;
}

// After a power cut the next claim in Odoo writes the truth, so no commit waits for the disk.
DatabaseSettings Settings(const JournalOptions& options) {
  return {.path = options.path,
          .kind = kJournalKind,
          .migrations = BundledMigrations(),
          .commits_reach_disk = false,
          .returns_pages = false,
          .bytes_max = options.journal_bytes_max,
          .cache_kib = 8192,
          .busy_timeout = options.busy_timeout};
}

delivery::SendIntent ReadIntent(SQLite::Statement& row) {
  return {.delivery_id = row.getColumn(0).getInt64(),
          .lease_token = row.getColumn(1).getString(),
          .attempt_uid = row.getColumn(2).getString(),
          .settlement_uid = row.getColumn(3).getString(),
          .http_method = row.getColumn(4).getString(),
          .target_url = row.getColumn(5).getString(),
          .started_at = base::FromUnixMs(row.getColumn(6).getInt64()),
          .frozen_json = row.getColumn(7).getString()};
}

// Stored text: never changed.
constexpr const char* kEventKind = "event";

const char* KindText(model::JobKind kind) {
  return kind == model::JobKind::kEvent ? kEventKind : "delivery";
}

model::JobKind ReadKind(const SQLite::Column& column) {
  return column.getString() == kEventKind ? model::JobKind::kEvent : model::JobKind::kDelivery;
}

delivery::SettlementRecorded ReadSettlement(SQLite::Statement& row) {
  return {.settlement_uid = row.getColumn(0).getString(),
          .job_id = row.getColumn(1).getInt64(),
          .lease_token = row.getColumn(2).getString(),
          .settlement_json = row.getColumn(3).getString(),
          .kind = ReadKind(row.getColumn(4))};
}

}  // namespace

OutboxStore::OutboxStore(const JournalOptions& options)
    : options_(options),
      database_(OpenDatabase(Settings(options))),
      log_(database_,
           {.checkpoint_pages = options.checkpoint_pages, .bytes_max = options.journal_bytes_max}),
      insert_claim_(database_,
                    "INSERT OR IGNORE INTO outbox_claim (claim_token, sequence, job_kind) "
                    "VALUES (?, ?, ?)"),
      delete_claim_(database_, "DELETE FROM outbox_claim WHERE claim_token = ?"),
      insert_intent_(database_,
                     "INSERT OR REPLACE INTO outbox_intent (delivery_id, lease_token, sequence, "
                     "attempt_uid, settlement_uid, http_method, target_url, started_at_ms, "
                     "frozen_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      delete_intent_(database_,
                     "DELETE FROM outbox_intent WHERE delivery_id = ? AND lease_token = ?"),
      insert_settlement_(database_,
                         "INSERT OR REPLACE INTO outbox_settlement (sequence, settlement_uid, "
                         "delivery_id, lease_token, settlement_json, job_kind) "
                         "VALUES (?, ?, ?, ?, ?, ?)"),
      delete_settlement_(database_, "DELETE FROM outbox_settlement WHERE settlement_uid = ?"),
      set_settlement_aside_(database_,
                            "UPDATE outbox_settlement SET sequence = ?, "
                            "set_aside_reason = ? WHERE settlement_uid = ? "
                            "AND set_aside_reason IS NULL"),
      set_meta_(database_, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"),
      page_count_(database_, "PRAGMA page_count"),
      free_page_count_(database_, "PRAGMA freelist_count"),
      sequence_(LastSequence()) {}

SQLite::Transaction OutboxStore::Begin() {
  return SQLite::Transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
}

void OutboxStore::Apply(const delivery::JournalEntry& entry) {
  ++sequence_;
  std::visit([this](const auto& alternative) { Apply(alternative); }, entry);
}

void OutboxStore::Apply(const delivery::ClaimStarted& entry) {
  insert_claim_.bindNoCopy(1, entry.claim_token);
  insert_claim_.bind(2, sequence_);
  insert_claim_.bindNoCopy(3, KindText(entry.kind));
  Run(insert_claim_);
}

void OutboxStore::Apply(const delivery::ClaimFinished& entry) {
  delete_claim_.bindNoCopy(1, entry.claim_token);
  Run(delete_claim_);
}

void OutboxStore::Apply(const delivery::SendIntent& entry) {
  insert_intent_.bind(1, entry.delivery_id);
  insert_intent_.bindNoCopy(2, entry.lease_token);
  insert_intent_.bind(3, sequence_);
  insert_intent_.bindNoCopy(4, entry.attempt_uid);
  insert_intent_.bindNoCopy(5, entry.settlement_uid);
  insert_intent_.bindNoCopy(6, entry.http_method);
  insert_intent_.bindNoCopy(7, entry.target_url);
  insert_intent_.bind(8, base::ToUnixMs(entry.started_at));
  insert_intent_.bindNoCopy(9, entry.frozen_json);
  Run(insert_intent_);
}

void OutboxStore::Apply(const delivery::SettlementRecorded& entry) {
  if (entry.settlement_json.size() > options_.settlement_json_bytes_max) {
    throw JournalError(fmt::format("the settlement of {} {} has {} bytes; the limit is {}",
                                   KindText(entry.kind), entry.job_id, entry.settlement_json.size(),
                                   options_.settlement_json_bytes_max));
  }
  delete_intent_.bind(1, entry.job_id);
  delete_intent_.bindNoCopy(2, entry.lease_token);
  Run(delete_intent_);
  insert_settlement_.bind(1, sequence_);
  insert_settlement_.bindNoCopy(2, entry.settlement_uid);
  insert_settlement_.bind(3, entry.job_id);
  insert_settlement_.bindNoCopy(4, entry.lease_token);
  insert_settlement_.bindNoCopy(5, entry.settlement_json);
  insert_settlement_.bindNoCopy(6, KindText(entry.kind));
  Run(insert_settlement_);
}

void OutboxStore::Apply(const delivery::SettlementAcknowledged& entry) {
  delete_settlement_.bindNoCopy(1, entry.settlement_uid);
  Run(delete_settlement_);
}

void OutboxStore::Apply(const delivery::SettlementSetAside& entry) {
  set_settlement_aside_.bind(1, sequence_);
  set_settlement_aside_.bindNoCopy(2, entry.reason);
  set_settlement_aside_.bindNoCopy(3, entry.settlement_uid);
  Run(set_settlement_aside_);
}

void OutboxStore::Apply(const delivery::MetaSet& entry) {
  set_meta_.bindNoCopy(1, entry.key);
  set_meta_.bindNoCopy(2, entry.value);
  Run(set_meta_);
}

delivery::JournalContents OutboxStore::Load() {
  delivery::JournalContents contents;
  LoadClaims(contents);
  LoadIntents(contents);
  LoadSettlements(contents);
  LoadMeta(contents);
  return contents;
}

void OutboxStore::LoadClaims(delivery::JournalContents& contents) {
  SQLite::Statement row(database_,
                        "SELECT claim_token, job_kind FROM outbox_claim ORDER BY sequence");
  while (row.executeStep()) {
    const bool is_event = ReadKind(row.getColumn(1)) == model::JobKind::kEvent;
    (is_event ? contents.event_claim_tokens : contents.claim_tokens)
        .push_back(row.getColumn(0).getString());
  }
}

void OutboxStore::LoadIntents(delivery::JournalContents& contents) {
  SQLite::Statement row(database_,
                        "SELECT delivery_id, lease_token, attempt_uid, settlement_uid, "
                        "http_method, target_url, started_at_ms, frozen_json FROM outbox_intent "
                        "ORDER BY sequence");
  while (row.executeStep()) contents.intents.push_back(ReadIntent(row));
}

void OutboxStore::LoadSettlements(delivery::JournalContents& contents) {
  SQLite::Statement row(
      database_,
      "SELECT settlement_uid, delivery_id, lease_token, settlement_json, "
      "job_kind, set_aside_reason IS NOT NULL FROM outbox_settlement ORDER BY sequence");
  while (row.executeStep()) {
    const bool set_aside = row.getColumn(5).getInt() != 0;
    (set_aside ? contents.set_aside : contents.settlements).push_back(ReadSettlement(row));
  }
}

void OutboxStore::LoadMeta(delivery::JournalContents& contents) {
  SQLite::Statement row(database_, "SELECT key, value FROM meta");
  while (row.executeStep()) {
    contents.meta.emplace(row.getColumn(0).getString(), row.getColumn(1).getString());
  }
}

std::int64_t OutboxStore::LastSequence() {
  return database_
      .execAndGet(
          "SELECT coalesce(max(sequence), 0) FROM (SELECT max(sequence) AS sequence FROM "
          "outbox_claim UNION ALL SELECT max(sequence) FROM outbox_intent UNION ALL SELECT "
          "max(sequence) FROM outbox_settlement)")
      .getInt64();
}

std::int64_t OutboxStore::BytesUsed() {
  return (ReadNumber(page_count_) - ReadNumber(free_page_count_)) * kPageBytes;
}

}  // namespace webhook::journal
