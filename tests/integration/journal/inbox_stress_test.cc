// SPDX-License-Identifier: LGPL-3.0-or-later
// The inbox under many threads, and against a model of a few maps under random steps.
#include <map>
#include <set>
#include <thread>

#include "lib/base/random.h"
#include "tests/integration/journal/inbox_harness.h"

using namespace webhook;
using namespace webhook::integration;

TEST_CASE_FIXTURE(InboxHarness,
                  "many threads: each stored event is there once, each identity too") {
  constexpr int kThreads = 8;
  constexpr int kEach = 2500;
  constexpr std::uint64_t kKeys = 4000;
  options.rows_per_commit_max = 50;
  options.checkpoint_pages = 100;
  Open();
  struct Told {
    std::set<std::string> stored;
    std::map<std::string, int> duplicates;  // by the uid of the first
    std::map<std::string, std::string> first_of_key;
    bool agrees = true;
  } told;  // answers come on one thread
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      base::SeededRandom random(static_cast<std::uint64_t>(t) + 1);
      for (int i = 0; i < kEach; ++i) {
        const std::string key = fmt::format("k{}", random.Next() % kKeys);
        inbox->Accept(Item(fmt::format("{}-{}", t, i), key), [&, key](const InboxAnswer& answer) {
          if (answer.verdict == InboxVerdict::kStored) told.stored.insert(answer.event_uid);
          if (answer.verdict == InboxVerdict::kDuplicate) ++told.duplicates[answer.event_uid];
          const auto first = told.first_of_key.emplace(key, answer.event_uid).first;
          told.agrees = told.agrees && first->second == answer.event_uid;
        });
      }
    });
  }
  std::set<std::string> fetched;
  std::map<std::string, int> duplicates;
  std::int64_t after = 0;
  const auto drain = [&] {
    const InboxBatch batch = Fetch(after, 100);
    std::vector<std::int64_t> sequences;
    for (const auto& row : batch.rows) {
      CHECK(row.sequence > after);
      after = row.sequence;
      CHECK(fetched.insert(row.event_uid).second);
      sequences.push_back(row.sequence);
    }
    for (const auto& count : batch.duplicates) duplicates[count.event_uid] += count.count;
    inbox->Forget(sequences, batch.duplicates);
    return !batch.rows.empty() || !batch.duplicates.empty();
  };
  for (int i = 0; i < 20; ++i) drain();
  for (std::thread& thread : threads) thread.join();
  Open();  // all is answered
  while (drain()) continue;
  inbox.reset();
  CHECK(told.agrees);
  CHECK(told.stored == fetched);
  CHECK(told.duplicates == duplicates);
  CHECK(Ask("SELECT count(*) FROM inbox") == 0);
  CHECK(Ask("SELECT count(*) FROM identity") == static_cast<std::int64_t>(fetched.size()));
  CHECK(Ask("SELECT sum(duplicates_unreported) FROM identity") == 0);
}

namespace {

// What the inbox is supposed to do, without a file.
struct Model {
  std::vector<std::string> rows;
  std::map<std::string, std::string> first_of;  // "endpoint kind key": uid
  std::map<std::string, int> unreported;

  InboxAnswer Accept(const InboxItem& item) {
    const std::string delivery = fmt::format("{} d {}", item.endpoint_id, item.identity_key);
    const std::string replay = fmt::format("{} r {}", item.endpoint_id, item.replay_key);
    for (const auto& [key, is_given] : {std::pair{delivery, !item.identity_key.empty()},
                                        std::pair{replay, !item.replay_key.empty()}}) {
      if (!is_given || !first_of.contains(key)) continue;
      ++unreported[first_of[key]];
      return {InboxVerdict::kDuplicate, first_of[key]};
    }
    if (!item.identity_key.empty()) first_of[delivery] = item.event_uid;
    if (!item.replay_key.empty()) first_of[replay] = item.event_uid;
    rows.push_back(item.event_uid);
    return {InboxVerdict::kStored, item.event_uid};
  }
};

}  // namespace

TEST_CASE("random steps end as in the model") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    InboxHarness harness;
    harness.options.rows_per_commit_max = 1 + random.Next() % 5;
    harness.options.checkpoint_pages = 10;
    harness.Open();
    Model model;
    const auto pick = [&](const char* prefix) {
      return random.Next() % 3 == 0 ? std::string()
                                    : fmt::format("{}{}", prefix, random.Next() % 30);
    };
    for (int step = 0; step < 150; ++step) {
      const auto choice = random.Next() % 20;
      if (choice < 15) {
        const InboxItem item = harness.Item(fmt::format("u{}", step), pick("k"), pick("r"),
                                            static_cast<std::int64_t>(random.Next() % 3));
        const InboxAnswer expected = model.Accept(item);
        CheckAnswer(harness.Accept(item), expected.verdict, expected.event_uid);
      } else if (choice == 15) {
        harness.Open();
      } else if (const auto batch = harness.Fetch(); !batch.rows.empty()) {
        const std::size_t index = random.Next() % batch.rows.size();
        REQUIRE(batch.rows[index].event_uid == model.rows[index]);
        if (choice < 18) {
          harness.inbox->Forget({batch.rows[index].sequence}, batch.duplicates);
        } else {
          harness.inbox->SetAside(batch.rows[index].sequence, "no");
          harness.inbox->Forget({}, batch.duplicates);
        }
        for (const auto& count : batch.duplicates) model.unreported[count.event_uid] -= count.count;
        model.rows.erase(model.rows.begin() + static_cast<std::ptrdiff_t>(index));
      }
      REQUIRE(harness.Uids() == model.rows);
    }
    harness.Open();
    harness.ForgetRows();
    harness.Open();  // duplicates that were fetched come again
    for (const auto& count : harness.Fetch().duplicates) {
      model.unreported[count.event_uid] -= count.count;
    }
    for (const auto& [uid, count] : model.unreported) CHECK(count == 0);
  }
}
