// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/fakes/memory_journal.h"

#include <algorithm>
#include <utility>

#include "lib/base/result.h"

namespace webhook::fakes {
namespace {

using delivery::JournalContents;

void ForgetSettlement(JournalContents& contents, const std::string& settlement_uid) {
  const auto is_it = [&](const delivery::SettlementRecorded& other) {
    return other.settlement_uid == settlement_uid;
  };
  std::erase_if(contents.settlements, is_it);
  std::erase_if(contents.set_aside, is_it);
}

void ForgetIntent(JournalContents& contents, std::int64_t delivery_id,
                  const std::string& lease_token) {
  std::erase_if(contents.intents, [&](const delivery::SendIntent& other) {
    return other.delivery_id == delivery_id && other.lease_token == lease_token;
  });
}

void Start(JournalContents& contents, const delivery::ClaimStarted& entry) {
  auto& tokens =
      entry.kind == model::JobKind::kEvent ? contents.event_claim_tokens : contents.claim_tokens;
  if (std::find(tokens.begin(), tokens.end(), entry.claim_token) == tokens.end()) {
    tokens.push_back(entry.claim_token);
  }
}

// Settlements that are set aside stand in the order of their setting aside.
void SetAside(JournalContents& contents, const delivery::SettlementSetAside& entry) {
  const auto it =
      std::find_if(contents.settlements.begin(), contents.settlements.end(),
                   [&](const auto& other) { return other.settlement_uid == entry.settlement_uid; });
  if (it == contents.settlements.end()) return;
  contents.set_aside.push_back(std::move(*it));
  contents.settlements.erase(it);
}

}  // namespace

void ApplyJournalEntry(JournalContents& contents, const delivery::JournalEntry& entry) {
  std::visit(base::Overloaded{[&](const delivery::ClaimStarted& e) { Start(contents, e); },
                              [&](const delivery::ClaimFinished& e) {
                                std::erase(contents.claim_tokens, e.claim_token);
                                std::erase(contents.event_claim_tokens, e.claim_token);
                              },
                              [&](const delivery::SendIntent& e) {
                                ForgetIntent(contents, e.delivery_id, e.lease_token);
                                contents.intents.push_back(e);
                              },
                              [&](const delivery::SettlementRecorded& e) {
                                ForgetIntent(contents, e.job_id, e.lease_token);
                                ForgetSettlement(contents, e.settlement_uid);
                                contents.settlements.push_back(e);
                              },
                              [&](const delivery::SettlementAcknowledged& e) {
                                ForgetSettlement(contents, e.settlement_uid);
                              },
                              [&](const delivery::SettlementSetAside& e) { SetAside(contents, e); },
                              [&](const delivery::MetaSet& e) { contents.meta[e.key] = e.value; }},
             entry);
}

MemoryJournal::MemoryJournal(base::Strand& strand, base::Milliseconds commit_latency,
                             JournalContents contents)
    : strand_(strand),
      commit_latency_(commit_latency),
      contents_(std::move(contents)),
      self_(std::make_shared<MemoryJournal*>(this)) {}

void MemoryJournal::Append(std::vector<delivery::JournalEntry> entries,
                           std::function<void(bool)> done) {
  pending_.push_back({std::move(entries), std::move(done)});
  strand_.After(commit_latency_, [self = std::weak_ptr<MemoryJournal*>(self_)] {
    if (const auto journal = self.lock()) (*journal)->CommitFirst();
  });
}

void MemoryJournal::CommitFirst() {
  PendingAppend append = std::move(pending_.front());
  pending_.pop_front();
  for (const delivery::JournalEntry& entry : append.entries) ApplyJournalEntry(contents_, entry);
  append.done(true);
}

std::unique_ptr<MemoryJournal> MemoryJournal::CrashCopy(base::Random& random) const {
  JournalContents contents = contents_;
  const std::size_t kept_count = random.Next() % (pending_.size() + 1);
  for (std::size_t i = 0; i < kept_count; ++i) {
    for (const auto& entry : pending_[i].entries) ApplyJournalEntry(contents, entry);
  }
  return std::make_unique<MemoryJournal>(strand_, commit_latency_, std::move(contents));
}

}  // namespace webhook::fakes
