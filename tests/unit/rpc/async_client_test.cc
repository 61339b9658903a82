// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/async_client.h"

#include <doctest/doctest.h>

#include <optional>
#include <set>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/queue_strand.h"
#include "tests/unit/rpc/golden.h"

namespace webhook::rpc {
namespace {

using delivery::ContractMethod;
using delivery::RpcFault;
using delivery::RpcFaultKind;
using delivery::RpcReply;

// Calls block until they are let go or canceled.
struct Gate {
  base::Mutex mutex;
  base::Condition changed;
  bool open WEBHOOK_GUARDED_BY(mutex) = false;
  bool canceled WEBHOOK_GUARDED_BY(mutex) = false;
  int inside WEBHOOK_GUARDED_BY(mutex) = 0;
  int inside_max WEBHOOK_GUARDED_BY(mutex) = 0;

  void Open() {
    const base::MutexLock lock(mutex);
    open = true;
    changed.notify_all();
  }
  void WaitForInside(int wanted) {
    const base::MutexLock lock(mutex);
    while (inside < wanted) changed.wait(mutex);
  }
  int InsideMax() {
    const base::MutexLock lock(mutex);
    return inside_max;
  }
};

class GatedProtocol final : public Protocol {
 public:
  explicit GatedProtocol(Gate& gate) : gate_(gate) {}

  RpcReply CallMethod(std::string_view model, std::string_view method, const std::string& request,
                      base::Milliseconds timeout) override {
    const base::MutexLock lock(gate_.mutex);
    gate_.inside_max = std::max(++gate_.inside, gate_.inside_max);
    gate_.changed.notify_all();
    while (!gate_.open && !gate_.canceled) gate_.changed.wait(gate_.mutex);
    --gate_.inside;
    if (!gate_.open) return RpcFault{RpcFaultKind::kUnknown, "stopping"};
    return std::string(model) + "." + std::string(method) + "(" + request + ") in " +
           std::to_string(timeout.count());
  }

  void Cancel() override {
    const base::MutexLock lock(gate_.mutex);
    gate_.canceled = true;
    gate_.changed.notify_all();
  }

 private:
  Gate& gate_;
};

struct Fixture {
  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  Gate gate;
  std::vector<std::string> replies;
  std::optional<AsyncClient> client;

  explicit Fixture(std::size_t threads) {
    client.emplace([this] { return std::make_unique<GatedProtocol>(gate); }, strand, clock,
                   AsyncClientOptions{.calls_in_flight_max = threads});
  }

  void Call(ContractMethod method, std::string request, int timeout_ms = 1000) {
    client->Call(method, std::move(request), base::Milliseconds(timeout_ms),
                 [this](RpcReply reply) { replies.push_back(Summary(reply)); });
  }
};

TEST_CASE("a call is made and answered on the strand, not inside the call") {
  Fixture fixture(1);
  fixture.gate.Open();
  fixture.Call(ContractMethod::kClaim, "{}");
  CHECK(fixture.replies.empty());
  REQUIRE(fixture.strand.RunUntil([&] { return !fixture.replies.empty(); }));
  CHECK(fixture.replies == std::vector<std::string>{"text: bwt.webhook.worker.claim({}) in 1000"});
}

TEST_CASE("every method has the name of the contract") {
  Fixture fixture(1);
  fixture.gate.Open();
  for (const auto method :
       {ContractMethod::kHello, ContractMethod::kConfiguration, ContractMethod::kClaim,
        ContractMethod::kRenew, ContractMethod::kRelease, ContractMethod::kSettle}) {
    fixture.Call(method, "");
  }
  REQUIRE(fixture.strand.RunUntil([&] { return fixture.replies.size() == 6; }));
  std::string all;
  for (const std::string& reply : fixture.replies) {
    all += reply.substr(reply.rfind('.') + 1, reply.find('(') - reply.rfind('.') - 1) + " ";
  }
  CHECK(all == "hello configuration claim renew release settle ");
}

TEST_CASE("no more calls at a time than there are threads") {
  Fixture fixture(2);
  for (int i = 0; i < 5; ++i) fixture.Call(ContractMethod::kSettle, "");
  fixture.gate.WaitForInside(2);
  fixture.gate.Open();
  REQUIRE(fixture.strand.RunUntil([&] { return fixture.replies.size() == 5; }));
  CHECK(fixture.gate.InsideMax() == 2);
}

TEST_CASE("waiting for a thread counts towards the time-out") {
  Fixture fixture(1);
  fixture.Call(ContractMethod::kClaim, "first");
  fixture.gate.WaitForInside(1);
  fixture.Call(ContractMethod::kClaim, "second", 100);
  fixture.Call(ContractMethod::kClaim, "third", 300);
  fixture.clock.Advance(base::Milliseconds(100));
  fixture.gate.Open();
  REQUIRE(fixture.strand.RunUntil([&] { return fixture.replies.size() == 3; }));
  CHECK(fixture.replies[1] == "Unreachable");
  CHECK(fixture.replies[2] == "text: bwt.webhook.worker.claim(third) in 200");
}

TEST_CASE("stopping ends calls under way, answers waiting ones, each exactly once") {
  Fixture fixture(1);
  fixture.Call(ContractMethod::kSettle, "under way");
  fixture.gate.WaitForInside(1);
  fixture.Call(ContractMethod::kSettle, "waiting");
  fixture.Call(ContractMethod::kSettle, "waiting too");
  fixture.client.reset();
  fixture.strand.RunReady();
  CHECK(fixture.replies == std::vector<std::string>{"Unknown", "Unreachable", "Unreachable"});
}

}  // namespace
}  // namespace webhook::rpc
