// SPDX-License-Identifier: LGPL-3.0-or-later
// inbox_crash_child <inbox> <seed>: three threads accept events, some of them twice, and a reader
// forgets what it fetched, until the process is killed. Standard output gets a line for each event:
// "s <uid>" stored, "d <uid>" a duplicate of it, "f <uid>" fetched and about to be forgotten.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/random.h"
#include "lib/journal/sqlite_inbox.h"
#include "tests/fakes/queue_strand.h"

using namespace webhook;

namespace {

constexpr int kThreads = 3;
constexpr int kWaitingPerThread = 24;

// One write, so that lines of several threads do not mix.
void Report(char what, const std::string& uid) {
  const std::string line = fmt::format("{} {}\n", what, uid);
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(1);
}

void Answered(const delivery::InboxAnswer& answer) {
  if (answer.verdict == delivery::InboxVerdict::kNoRoom) std::_Exit(2);
  Report(answer.verdict == delivery::InboxVerdict::kStored ? 's' : 'd', answer.event_uid);
}

void AcceptForEver(journal::SqliteInbox& inbox, std::uint64_t seed, int thread) {
  base::SeededRandom random(seed * 31 + static_cast<std::uint64_t>(thread));
  std::counting_semaphore<> free(kWaitingPerThread);
  for (int i = 0;; ++i) {
    free.acquire();
    const bool again = i > 0 && random.Next() % 5 == 0;
    const auto key =
        again ? random.Next() % static_cast<std::uint64_t>(i) : static_cast<std::uint64_t>(i);
    inbox.Accept({.event_uid = fmt::format("{}-{}-{}", thread, i, key),
                  .endpoint_id = thread,
                  .identity_key = fmt::format("key {}", key),
                  .replay_key = "",
                  .received_at = base::FromUnixMs(1'767'225'600'000 + i),
                  .event_json = std::string(200 + random.Next() % 3000, 'x')},
                 [&free](const delivery::InboxAnswer& answer) {
                   Answered(answer);
                   free.release();
                 });
  }
}

void ForgetForEver(journal::SqliteInbox& inbox, fakes::QueueStrand& strand) {
  std::int64_t after = 0;
  for (;;) {
    bool came = false;
    inbox.Fetch(after, 50, 1'000'000, [&](const delivery::InboxBatch& batch) {
      std::vector<std::int64_t> sequences;
      for (const delivery::InboxRow& row : batch.rows) {
        Report('f', row.event_uid);
        sequences.push_back(row.sequence);
        after = row.sequence;
      }
      inbox.Forget(std::move(sequences), batch.duplicates);
      came = true;
    });
    strand.RunUntil([&] { return came; });
  }
}

}  // namespace

int main(int, char** argv) {
  fakes::FakeClock clock;
  fakes::QueueStrand strand(clock);
  const std::uint64_t seed = std::stoull(argv[2]);
  journal::InboxOptions options{.path = argv[1]};
  options.disk_free_bytes_min = 0;
  options.checkpoint_pages = 50;
  options.rows_per_commit_max = 1 + seed % 64;
  journal::SqliteInbox inbox(options, strand, clock);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&inbox, seed, i] { AcceptForEver(inbox, seed, i); });
  }
  ForgetForEver(inbox, strand);
}
