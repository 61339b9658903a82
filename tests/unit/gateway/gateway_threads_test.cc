// SPDX-License-Identifier: LGPL-3.0-or-later
// Several threads of a server at once, while configurations come and go.
#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "lib/base/mutex.h"
#include "tests/unit/gateway/gateway_world.h"

using namespace webhook::inbound;
using World = GatewayWorld;

namespace {

// Stores at once, on the thread that asks; the first of equal identities wins.
class DirectInbox final : public webhook::delivery::Inbox {
 public:
  void Accept(webhook::delivery::InboxItem item,
              std::function<void(webhook::delivery::InboxAnswer)> done) override {
    using webhook::delivery::InboxVerdict;
    std::string first;
    {
      webhook::base::MutexLock lock(mutex_);
      const auto [at, is_new] = first_.try_emplace(
          item.identity_key.empty() ? item.event_uid : item.identity_key, item.event_uid);
      if (!is_new) first = at->second;
    }
    if (first.empty()) return done({InboxVerdict::kStored, item.event_uid});
    done({InboxVerdict::kDuplicate, first});
  }
  void Fetch(std::int64_t, std::size_t, std::size_t,
             std::function<void(webhook::delivery::InboxBatch)>) override {}
  void Forget(std::vector<std::int64_t>, std::vector<webhook::model::DuplicateCount>) override {}
  void SetAside(std::int64_t, std::string) override {}
  void Merge(std::string, std::string) override {}
  void SaveSnapshot(std::string) override {}
  std::string LoadSnapshot() override { return ""; }
  webhook::model::InboxState State() const override { return {}; }

 private:
  webhook::base::Mutex mutex_;
  std::map<std::string, std::string> first_ WEBHOOK_GUARDED_BY(mutex_);
};

}  // namespace

TEST_CASE("each of many requests at once is answered once, and equal ones with one uid") {
  constexpr int kThreads = 4;
  constexpr int kRequests = 500;
  World world;
  DirectInbox inbox;
  Gateway gateway(
      {.source_limits = {.failures_per_minute_max = 0}, .rejections = {.per_minute_max = 10}},
      world.clock, world.random, world.log, inbox);
  const GatewayBookPtr book =
      CompileGateway(SomeEndpoints(), world.secrets, world.clock.Now()).book;
  gateway.Publish(book);
  webhook::base::Mutex mutex;
  std::set<std::string> answers;
  std::atomic<int> accepted = 0;
  std::atomic<int> rejected = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRequests; ++i) {
        auto head = World::Head("open");
        head.remote_address = "192.0.2." + std::to_string(thread);
        if (gateway.OnHead(head)) continue;
        const std::string body = i % 5 == 4 ? "{" : "{\"n\": " + std::to_string(i) + "}";
        gateway.OnRequest({head, body}, [&](const webhook::delivery::ReceiverAnswer& answer) {
          answer.status_code == 202 ? ++accepted : ++rejected;
          if (answer.status_code != 202) return;
          webhook::base::MutexLock lock(mutex);
          answers.insert(answer.body);
        });
      }
    });
  }
  for (int i = 0; i < 1000; ++i) gateway.Publish(book);
  for (std::thread& thread : threads) thread.join();
  CHECK(accepted == kThreads * kRequests * 4 / 5);
  CHECK(rejected == kThreads * kRequests / 5);
  CHECK(answers.size() == kRequests * 4 / 5);
  const GatewayCounts counts = gateway.counts();
  CHECK(counts.accepted == kRequests * 4 / 5);
  CHECK(counts.accepted + counts.duplicates == kThreads * kRequests * 4 / 5);
  CHECK(gateway.TakeRejectedCounts().at(0).count == kThreads * kRequests / 5 - 10);
}
