// SPDX-License-Identifier: LGPL-3.0-or-later
// What the receiver has seen: one entry for every request that arrived completely. Entries are kept
// in memory and, when there is a file, appended to it as lines of JSON once they are answered.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/mutex.h"

namespace webhook::demo {

struct LedgerEntry {
  std::int64_t time_ms = 0;  // Unix; the request was complete
  std::string path;
  std::string method;
  std::string webhook_id;
  std::string webhook_timestamp;
  std::string idempotency_key;
  std::string body_sha256;  // lower-case hexadecimal
  std::size_t body_bytes = 0;
  // The status, "reset" (the connection was cut on purpose), "none" (the client left before an
  // answer); "pending" until that is known.
  std::string answered = "pending";

  bool succeeded() const { return answered.size() == 3 && answered.front() == '2'; }
};

struct LedgerOptions {
  std::string file = {};  // empty: in memory only
  // Further ones are counted and written, but not kept.
  std::size_t entries_max = 500'000;
  std::size_t paths_max = 1'000;  // counted apart; the rest together
};

// Any thread.
class Ledger {
 public:
  struct Ticket {
    std::shared_ptr<LedgerEntry> entry;  // of the ledger: touch it by Answered() only
    int try_number = 1;                  // requests with this webhook-id, this one included
  };

  // Throws std::system_error when the file cannot be opened.
  explicit Ledger(const LedgerOptions& options = {});
  ~Ledger();

  Ticket Arrived(LedgerEntry entry);

  // Call it before the first byte of the answer leaves: whoever has the answer finds it here.
  void Answered(const Ticket& ticket, std::string answered);

  std::vector<LedgerEntry> Entries() const;
  // {"/healthy": {"200": 12, "pending": 1}}
  std::string CountsJson() const;
  // An array in the order of arrival; of one webhook-id, or of all when it is empty.
  std::string EntriesJson(std::string_view webhook_id) const;

  std::int64_t requests() const { return requests_.load(std::memory_order_relaxed); }

 private:
  using Rows = std::vector<std::shared_ptr<LedgerEntry>>;

  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::map<std::string, std::int64_t>& CountsOf(const std::string& path) WEBHOOK_REQUIRES(mutex_);

  const LedgerOptions options_;
  std::atomic<std::int64_t> requests_ = 0;
  mutable base::Mutex mutex_;
  std::unique_ptr<std::FILE, CloseFile> file_ WEBHOOK_GUARDED_BY(mutex_);
  Rows entries_ WEBHOOK_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Rows> by_id_ WEBHOOK_GUARDED_BY(mutex_);
  std::map<std::string, std::map<std::string, std::int64_t>> counts_ WEBHOOK_GUARDED_BY(mutex_);
};

// One line, without the line break.
std::string ToJson(const LedgerEntry& entry);

}  // namespace webhook::demo
