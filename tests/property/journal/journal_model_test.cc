// SPDX-License-Identifier: LGPL-3.0-or-later
// Random histories: the SQLite journal holds what the one in memory holds; a crash keeps a prefix.
#include <doctest/doctest.h>

#include <algorithm>

#include "lib/journal/sqlite_journal.h"
#include "tests/fakes/faulty_journal.h"
#include "tests/fakes/journal_text.h"
#include "tests/fakes/memory_journal.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"
#include "tests/property/journal/random_entries.h"

using namespace webhook;
using fakes::JournalText;

namespace {

constexpr std::uint64_t kSqliteRuns = 200;
constexpr std::uint64_t kMemoryRuns = 2000;

using Appends = std::vector<std::vector<delivery::JournalEntry>>;

Appends RandomAppends(base::Random& random, std::size_t count_max) {
  Appends appends(1 + random.Next() % count_max);
  for (auto& append : appends) append = property::RandomAppend(random);
  return appends;
}

// The contents after the first `count` appends, by definition.
std::string TextAfter(const Appends& appends, std::size_t count) {
  delivery::JournalContents contents;
  for (std::size_t i = 0; i < count; ++i) {
    for (const auto& entry : appends[i]) fakes::ApplyJournalEntry(contents, entry);
  }
  return JournalText(contents);
}

}  // namespace

TEST_CASE("the SQLite journal equals its model after reopening") {
  for (std::uint64_t seed = 1; seed <= kSqliteRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    fakes::FakeClock clock;
    fakes::QueueStrand strand(clock);
    fakes::TemporaryDirectory directory;
    const int checkpoint_pages = random.Next() % 4 == 0 ? 10 : 4000;
    const journal::JournalOptions options{.path = directory.File("journal.db"),
                                          .entries_per_commit_max = 1 + random.Next() % 20,
                                          .checkpoint_pages = checkpoint_pages};
    const Appends appends = RandomAppends(random, 80);
    const std::size_t reopened_at = random.Next() % appends.size();
    std::size_t answered = 0;
    auto journal = std::make_unique<journal::SqliteJournal>(options, strand);
    for (std::size_t i = 0; i < appends.size(); ++i) {
      if (i == reopened_at) {
        journal.reset();
        journal = std::make_unique<journal::SqliteJournal>(options, strand);
        REQUIRE(JournalText(journal->Load()) == TextAfter(appends, i));
      }
      journal->Append(appends[i], [&](bool ok) {
        CHECK(ok);
        ++answered;
      });
      if (random.Next() % 8 == 0) REQUIRE(strand.RunUntil([&] { return answered == i + 1; }));
    }
    journal.reset();
    strand.RunReady();
    CHECK(answered == appends.size());
    journal::SqliteJournal reopened(options, strand);
    REQUIRE(JournalText(reopened.Load()) == TextAfter(appends, appends.size()));
  }
}

TEST_CASE("a crash keeps every append that was answered, and of the others a prefix") {
  std::size_t kept_more = 0;
  std::size_t lost_some = 0;
  for (std::uint64_t seed = 1; seed <= kMemoryRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    fakes::FakeClock clock;
    fakes::QueueStrand strand(clock);
    const Appends appends = RandomAppends(random, 12);
    std::size_t answered = 0;
    auto journal = std::make_unique<fakes::MemoryJournal>(strand, base::Milliseconds(3));
    for (const auto& append : appends) {
      journal->Append(append, [&](bool) { ++answered; });
      strand.AdvanceTo(clock.SteadyNow() + base::Milliseconds(random.Next() % 3));
    }
    const std::size_t answered_before = answered;
    const std::size_t pending = journal->pending_count();
    const auto copy = journal->CrashCopy(random);
    journal.reset();
    strand.RunUntilIdle();
    CHECK(answered == answered_before);  // the dead answer nothing
    const std::string text = JournalText(copy->Load());
    std::size_t kept = answered_before;
    while (kept < appends.size() && TextAfter(appends, kept) != text) ++kept;
    REQUIRE(TextAfter(appends, kept) == text);
    REQUIRE(answered_before + pending == appends.size());
    if (kept > answered_before) ++kept_more;
    if (text != TextAfter(appends, appends.size())) ++lost_some;
  }
  CHECK(kept_more > kMemoryRuns / 20);
  CHECK(lost_some > kMemoryRuns / 20);
}

TEST_CASE(
    "a faulty journal answers true before its failing append and false from it on, in order") {
  for (std::uint64_t seed = 1; seed <= kMemoryRuns; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    fakes::FakeClock clock;
    fakes::QueueStrand strand(clock);
    const Appends appends = RandomAppends(random, 12);
    fakes::MemoryJournal inner(strand, base::Milliseconds(random.Next() % 3));
    const fakes::JournalFault fault{.failing_append = 1 + random.Next() % appends.size(),
                                    .failed_append_is_kept = random.Next() % 2 == 0};
    fakes::FaultyJournal journal(inner, strand, fault);
    std::vector<std::size_t> order;
    std::size_t committed = 0;
    for (std::size_t i = 0; i < appends.size(); ++i) {
      journal.Append(appends[i], [&, i](bool ok) {
        order.push_back(i);
        if (ok) ++committed;
        CHECK(ok == (i + 1 < fault.failing_append));
      });
      if (random.Next() % 2 == 0) strand.RunReady();
    }
    strand.RunUntilIdle();
    CHECK(order.size() == appends.size());
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(!journal.healthy());
    const std::size_t kept = committed + (fault.failed_append_is_kept ? 1 : 0);
    CHECK(JournalText(inner.Load()) == TextAfter(appends, kept));
  }
}
