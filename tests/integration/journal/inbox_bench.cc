// SPDX-License-Identifier: LGPL-3.0-or-later
// inbox_bench [directory [seconds]]: events of 1 kB a second through the inbox, 64 waiting at a
// time, as the threads of a gateway bring them, and how long each waits; then the same from 64
// threads, and with a reader that takes everything out again. Not a test: it asserts nothing.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/base/uuid.h"
#include "lib/journal/sqlite_inbox.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"

using namespace webhook;
using Steady = std::chrono::steady_clock;

namespace {

struct Plan {
  const char* name;
  int threads;
  int waiting_per_thread;
  bool drained;
};

struct Caller {
  std::counting_semaphore<> free{0};
  base::Mutex mutex;
  std::vector<std::int64_t> microseconds;
};

void Call(Caller& caller, journal::SqliteInbox& inbox, int number, std::atomic<bool>& stop) {
  base::SystemClock clock;
  base::SystemRandom random;
  std::int64_t count = 0;
  while (!stop) {
    caller.free.acquire();
    const std::string uid = base::MakeUuid7(clock.Now(), random);
    const auto begin = Steady::now();
    inbox.Accept({.event_uid = uid,
                  .endpoint_id = number % 50,
                  .identity_key = fmt::format("evt_{}_{}_{}", number, ++count, uid),
                  .replay_key = "",
                  .received_at = clock.Now(),
                  .event_json = std::string(1000, 'x')},
                 [&caller, begin](const delivery::InboxAnswer& answer) {
                   const auto took =
                       std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin);
                   if (answer.verdict == delivery::InboxVerdict::kStored) {
                     base::MutexLock lock(caller.mutex);
                     caller.microseconds.push_back(took.count());
                   }
                   caller.free.release();
                 });
  }
}

// As the ingester does: what it has read is in Odoo.
void Drain(journal::SqliteInbox& inbox, fakes::QueueStrand& strand, std::atomic<bool>& stop) {
  std::int64_t after = 0;
  while (!stop) {
    bool came = false;
    inbox.Fetch(after, 500, 8U << 20, [&](const delivery::InboxBatch& batch) {
      std::vector<std::int64_t> sequences;
      for (const delivery::InboxRow& row : batch.rows) sequences.push_back(row.sequence);
      if (!sequences.empty()) after = sequences.back();
      inbox.Forget(std::move(sequences), batch.duplicates);
      came = true;
    });
    strand.RunUntil([&] { return came; });
  }
}

void Measure(const std::string& path, const Plan& plan, int seconds) {
  fakes::FakeClock fake_clock;
  fakes::QueueStrand strand(fake_clock);
  const base::SystemClock clock;
  std::vector<Caller> callers(static_cast<std::size_t>(plan.threads));
  std::atomic<bool> stop = false;
  {
    journal::SqliteInbox inbox({.path = path, .bytes_max = std::int64_t{8} << 30}, strand, clock);
    std::vector<std::thread> threads;
    for (int i = 0; i < plan.threads; ++i) {
      Caller& caller = callers[static_cast<std::size_t>(i)];
      caller.free.release(plan.waiting_per_thread);
      threads.emplace_back([&caller, &inbox, &stop, i] { Call(caller, inbox, i, stop); });
    }
    if (plan.drained) threads.emplace_back([&] { Drain(inbox, strand, stop); });
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }
  std::vector<std::int64_t> all;
  for (Caller& caller : callers) {
    all.insert(all.end(), caller.microseconds.begin(), caller.microseconds.end());
  }
  std::sort(all.begin(), all.end());
  const auto at = [&](double part) {
    return static_cast<double>(all[static_cast<std::size_t>(part * (double(all.size()) - 1))]) /
           1000;
  };
  fmt::print("{:28} {:7.0f} events/s  p50 {:.1f} ms  p99 {:.1f} ms  max {:.1f} ms\n", plan.name,
             double(all.size()) / seconds, at(0.5), at(0.99), at(1));
}

}  // namespace

int main(int argc, char** argv) {
  const fakes::TemporaryDirectory temporary;
  const std::string directory = argc > 1 ? argv[1] : temporary.File("");
  const int seconds = argc > 2 ? std::stoi(argv[2]) : 5;
  Measure(directory + "/two.db", {"2 threads, 32 waiting each", 2, 32, false}, seconds);
  Measure(directory + "/many.db", {"64 threads", 64, 1, false}, seconds);
  Measure(directory + "/drained.db", {"2 threads, drained meanwhile", 2, 32, true}, seconds);
}
