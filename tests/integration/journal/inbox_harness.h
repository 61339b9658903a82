// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbox on a file of its own, and its asynchronous steps as calls that wait.
#pragma once

#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/journal/sqlite_inbox.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/temporary_directory.h"

namespace webhook::integration {

using delivery::InboxAnswer;
using delivery::InboxBatch;
using delivery::InboxItem;
using delivery::InboxVerdict;

struct InboxHarness {
  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  fakes::TemporaryDirectory directory;
  journal::InboxOptions options = Options(directory.File("inbox.db"));
  std::unique_ptr<journal::SqliteInbox> inbox;

  static journal::InboxOptions Options(const std::string& path) {
    journal::InboxOptions options{.path = path};
    options.disk_free_bytes_min = 0;
    options.probe_interval = base::Milliseconds(5);
    return options;
  }

  void Open() {
    inbox.reset();
    inbox = std::make_unique<journal::SqliteInbox>(options, strand, clock);
  }

  InboxItem Item(const std::string& uid, const std::string& identity = "",
                 const std::string& replay = "", model::RecordId endpoint_id = 1) {
    return {.event_uid = uid,
            .endpoint_id = endpoint_id,
            .identity_key = identity,
            .replay_key = replay,
            .received_at = clock.Now(),
            .event_json = R"({"uid":")" + uid + R"("})"};
  }

  std::future<InboxAnswer> Start(InboxItem item) {
    auto answered = std::make_shared<std::promise<InboxAnswer>>();
    inbox->Accept(std::move(item), [answered](InboxAnswer answer) { answered->set_value(answer); });
    return answered->get_future();
  }

  InboxAnswer Accept(InboxItem item) { return Start(std::move(item)).get(); }

  InboxBatch Fetch(std::int64_t after = 0, std::size_t rows_max = 1'000'000,
                   std::size_t bytes_max = std::size_t{1} << 30) {
    InboxBatch found;
    bool came = false;
    inbox->Fetch(after, rows_max, bytes_max, [&](InboxBatch batch) {
      found = std::move(batch);
      came = true;
    });
    REQUIRE(strand.RunUntil([&] { return came; }));
    return found;
  }

  std::vector<std::string> Uids(std::int64_t after = 0) {
    std::vector<std::string> uids;
    for (const delivery::InboxRow& row : Fetch(after).rows) uids.push_back(row.event_uid);
    return uids;
  }

  // As when Odoo has them all.
  void ForgetRows() {
    std::vector<std::int64_t> sequences;
    for (const delivery::InboxRow& row : Fetch().rows) sequences.push_back(row.sequence);
    inbox->Forget(std::move(sequences), {});
  }

  // All that was asked for before is done.
  model::InboxState Settled() {
    Fetch(0, 0);
    return inbox->State();
  }

  // With the inbox closed.
  std::int64_t Ask(const std::string& sql) {
    SQLite::Database database(options.path, SQLite::OPEN_READWRITE);
    return database.execAndGet(sql).getInt64();
  }
  void Do(const std::string& sql) {
    SQLite::Database database(options.path, SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
};

inline void CheckAnswer(const InboxAnswer& answer, InboxVerdict verdict, const std::string& uid) {
  CHECK(answer.verdict == verdict);
  CHECK(answer.event_uid == uid);
}

}  // namespace webhook::integration
