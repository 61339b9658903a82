// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/ledger.h"

#include <cerrno>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "lib/base/text.h"

namespace webhook::demo {
namespace {

constexpr std::size_t kTextBytesMax = 1024;
constexpr std::size_t kFileBufferBytes = std::size_t{64} << 10;

std::string Text(const std::string& text) { return base::PrintableText(text, kTextBytesMax); }

template <typename Pointers>
std::string ArrayOf(const Pointers& entries) {
  std::string text = "[";
  for (const auto& entry : entries) {
    if (text.size() > 1) text += ",\n ";
    text += ToJson(*entry);
  }
  return text + "]";
}

}  // namespace

std::string ToJson(const LedgerEntry& entry) {
  const nlohmann::ordered_json json = {{"time_ms", entry.time_ms},
                                       {"path", Text(entry.path)},
                                       {"method", Text(entry.method)},
                                       {"webhook_id", Text(entry.webhook_id)},
                                       {"webhook_timestamp", Text(entry.webhook_timestamp)},
                                       {"idempotency_key", Text(entry.idempotency_key)},
                                       {"body_sha256", entry.body_sha256},
                                       {"body_bytes", entry.body_bytes},
                                       {"answered", entry.answered}};
  return json.dump();
}

Ledger::Ledger(const LedgerOptions& options) : options_(options) {
  if (options.file.empty()) return;
  file_.reset(std::fopen(options.file.c_str(), "ae"));
  if (!file_) throw std::system_error(errno, std::generic_category(), "ledger " + options.file);
  std::setvbuf(file_.get(), nullptr, _IOLBF, kFileBufferBytes);
}

Ledger::~Ledger() = default;

Ledger::Ticket Ledger::Arrived(LedgerEntry entry) {
  Ticket ticket;
  ticket.entry = std::make_shared<LedgerEntry>(std::move(entry));
  requests_.fetch_add(1, std::memory_order_relaxed);
  base::MutexLock lock(mutex_);
  ++CountsOf(ticket.entry->path)[ticket.entry->answered];
  if (entries_.size() >= options_.entries_max) {
    ticket.try_number = std::numeric_limits<int>::max();  // one that succeeds
    return ticket;
  }
  entries_.push_back(ticket.entry);
  Rows& same = by_id_[ticket.entry->webhook_id];
  same.push_back(ticket.entry);
  ticket.try_number = static_cast<int>(same.size());
  return ticket;
}

void Ledger::Answered(const Ticket& ticket, std::string answered) {
  base::MutexLock lock(mutex_);
  LedgerEntry& entry = *ticket.entry;
  auto& counts = CountsOf(entry.path);
  if (--counts[entry.answered] == 0) counts.erase(entry.answered);
  entry.answered = std::move(answered);
  ++counts[entry.answered];
  if (!file_) return;
  const std::string line = ToJson(entry) + '\n';
  std::fwrite(line.data(), 1, line.size(), file_.get());
}

std::vector<LedgerEntry> Ledger::Entries() const {
  base::MutexLock lock(mutex_);
  std::vector<LedgerEntry> entries;
  entries.reserve(entries_.size());
  for (const auto& entry : entries_) entries.push_back(*entry);
  return entries;
}

std::string Ledger::CountsJson() const {
  base::MutexLock lock(mutex_);
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [path, counts] : counts_) {
    if (!counts.empty()) json[Text(path)] = counts;
  }
  return json.dump();
}

std::string Ledger::EntriesJson(std::string_view webhook_id) const {
  base::MutexLock lock(mutex_);
  if (webhook_id.empty()) return ArrayOf(entries_);
  const auto found = by_id_.find(std::string(webhook_id));
  return found == by_id_.end() ? "[]" : ArrayOf(found->second);
}

std::map<std::string, std::int64_t>& Ledger::CountsOf(const std::string& path) {
  const auto found = counts_.find(path);
  if (found != counts_.end()) return found->second;
  return counts_[counts_.size() < options_.paths_max ? path : "others"];
}

}  // namespace webhook::demo
