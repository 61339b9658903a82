// SPDX-License-Identifier: LGPL-3.0-or-later
// journal_bench [directory]: entries a second through the SQLite journal, as deliveries use it:
// intent, settlement of 1 kB, acknowledgement. Not a test: it asserts nothing.
#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "lib/base/clock.h"
#include "lib/journal/sqlite_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"

using namespace webhook;

namespace {

std::vector<delivery::JournalEntry> AppendOf(std::int64_t delivery_id, int step) {
  const std::string uid = fmt::format("017f22e2-79b0-7cc3-98c4-{:012x}", delivery_id);
  if (step == 0) {
    return {delivery::SendIntent{delivery_id, uid, uid, uid, "POST",
                                 "https://receiver.example/hooks/orders", base::FromUnixMs(1)}};
  }
  if (step == 1) {
    return {delivery::SettlementRecorded{uid, delivery_id, uid, std::string(1000, 'x')}};
  }
  return {delivery::SettlementAcknowledged{uid}};
}

// `in_flight` deliveries at a time, each step after the answer of the one before.
void Measure(const std::string& path, int in_flight, std::int64_t deliveries) {
  fakes::FakeClock fake_clock;
  fakes::QueueStrand strand(fake_clock);
  base::SystemClock clock;
  journal::SqliteJournal journal({.path = path}, strand);
  std::int64_t started = 0;
  std::int64_t finished = 0;
  std::function<void(std::int64_t, int)> go = [&](std::int64_t delivery_id, int step) {
    journal.Append(AppendOf(delivery_id, step),
                   [&go, &started, &finished, deliveries, delivery_id, step](bool) {
                     if (step < 2) return go(delivery_id, step + 1);
                     ++finished;
                     if (started < deliveries) go(++started, 0);
                   });
  };
  const auto begin = clock.SteadyNow();
  for (int i = 0; i < in_flight; ++i) go(++started, 0);
  strand.RunUntil([&] { return finished == started; });
  const auto took = std::chrono::duration<double>(clock.SteadyNow() - begin).count();
  fmt::print("{:5} in flight: {:8.0f} entries/s, {:7.0f} deliveries/s{}\n", in_flight,
             3 * static_cast<double>(finished) / took, static_cast<double>(finished) / took,
             journal.healthy() ? "" : " (unhealthy)");
}

}  // namespace

int main(int argc, char** argv) {
  const fakes::TemporaryDirectory temporary;
  const std::string directory = argc > 1 ? argv[1] : temporary.File("");
  Measure(directory + "/single.db", 1, 20'000);
  Measure(directory + "/few.db", 64, 100'000);
  Measure(directory + "/many.db", 1000, 100'000);
}
