// SPDX-License-Identifier: LGPL-3.0-or-later
// What becomes of settlements whose calls fail: who is blamed, and that nobody is lost.
#include <doctest/doctest.h>

#include <set>

#include "lib/delivery/settler.h"
#include "tests/unit/delivery/settler_world.h"

using namespace webhook::delivery;

namespace {

using Texts = std::vector<std::string>;

SettlerOptions Batches(std::size_t batch_max) {
  SettlerOptions options;
  options.batch_max = batch_max;
  return options;
}

// Answers settle calls, and the hellos between them, until nothing is left to settle. A call with
// one of the culprits in it fails; what the culprits bring about is told to `fail`.
void Drive(SettlerWorld& world, const std::set<int>& culprits, RpcFaultKind kind) {
  for (int step = 0; step < 1000 && world.settler.backlog() > 0; ++step) {
    if (!world.odoo.IsPending(Method::kSettle)) {
      world.Advance(Milliseconds(100));
      world.AnswerLink();
      continue;
    }
    bool guilty = false;
    for (const Json& item : world.odoo.Pending(Method::kSettle).request.at("settlements")) {
      const bool substitute = item.value("failure_reason", "") == "settlement_refused";
      guilty = guilty || (culprits.count(item.at("id").get<int>()) == 1 && !substitute);
    }
    if (guilty) {
      world.odoo.Fail(Method::kSettle, kind);
    } else {
      world.AnswerSettle();
    }
  }
  CHECK(world.settler.backlog() == 0);
}

}  // namespace

TEST_CASE("a batch that fails is halved until the culprit is alone; three strikes set it aside") {
  for (const RpcFaultKind kind : {RpcFaultKind::kUnknown, RpcFaultKind::kRejected}) {
    for (const int culprit : {1, 7, 16}) {
      CAPTURE(culprit);
      SettlerWorld world(Batches(16));
      world.StartReady();
      world.Submit(1, 16);
      Drive(world, {culprit}, kind);
      CHECK(world.SetAside() == Texts{Uid(culprit)});
      CHECK(world.settled.size() == 17);  // the substitute as well
      CHECK(world.log.Named("settlement.refused").size() == 1);
      // 16, 8, 4, 2, then alone three times: with the good halves and the substitute.
      CHECK(world.odoo.Count(Method::kSettle) <= 20);
    }
  }
}

// The suspects wait behind the others, so that nobody waits for the culprit.
TEST_CASE("how the only culprit of eight is found") {
  SettlerWorld world(Batches(8));
  world.StartReady();
  world.Submit(1, 8);
  const std::vector<std::pair<std::vector<int>, bool>> calls = {
      {Numbers(1, 8), false}, {Numbers(1, 4), false}, {Numbers(5, 6), true}, {Numbers(7, 8), true},
      {Numbers(1, 2), false}, {Numbers(3, 3), true},  {Numbers(4, 4), true}, {Numbers(1, 1), false},
      {Numbers(2, 2), true},  {Numbers(1, 1), false}, {Numbers(1, 1), false}};
  for (const auto& [batch, good] : calls) {
    CHECK(world.Batch() == batch);
    CHECK(world.SetAside().empty());
    if (good) {
      world.AnswerSettle();
    } else {
      world.odoo.Fail(Method::kSettle, RpcFaultKind::kUnknown);
      CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
      world.Recover();
    }
  }
  CHECK(world.SetAside() == Texts{Uid(1)});
  CHECK(world.settled.size() == 8);
  CHECK(world.Batch() == Numbers(1, 1));  // the substitute
  world.AnswerSettle();
  CHECK(world.settler.backlog() == 0);
}

TEST_CASE("after a failure batches grow again with every good one") {
  SettlerWorld world(Batches(16));
  world.StartReady();
  world.Submit(1, 16);
  world.Submit(17, 200);
  world.odoo.Fail(Method::kSettle, RpcFaultKind::kUnknown);
  world.Recover();
  for (const std::size_t size : {8U, 16U, 16U}) {
    CHECK(world.Batch().size() == size);
    CHECK(world.Batch().front() > 16);  // not the suspects
    world.AnswerSettle();
  }
}

TEST_CASE("several culprits are all found") {
  SettlerWorld world(Batches(20));
  world.StartReady();
  world.Submit(1, 40);
  Drive(world, {2, 3, 19, 20, 21, 40}, RpcFaultKind::kRejected);
  CHECK(world.SetAside().size() == 6);
  CHECK(world.log.Named("settlement.refused").size() == 6);
  CHECK(world.Journaled().settlements.empty());
}

TEST_CASE("an outage blames nobody: a hello failed in between") {
  SettlerWorld world(Batches(4));
  world.StartReady();
  world.Submit(1, 1);
  world.Linger();
  for (int i = 0; i < 10; ++i) {
    world.odoo.Fail(Method::kSettle, RpcFaultKind::kUnknown);
    while (!world.odoo.IsPending(Method::kHello)) world.Advance(Milliseconds(100));
    world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
    world.Recover();
    CHECK(world.Batch() == Numbers(1, 1));
  }
  CHECK(world.SetAside().empty());
  world.AnswerSettle();
  world.Submit(2, 5);
  world.odoo.Fail(Method::kSettle, RpcFaultKind::kUnknown);
  while (!world.odoo.IsPending(Method::kHello)) world.Advance(Milliseconds(100));
  world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  world.Recover();
  CHECK(world.Batch() == Numbers(2, 5));  // not halved
}

TEST_CASE("faults that say nothing about the data blame nobody, however often") {
  for (const RpcFaultKind kind :
       {RpcFaultKind::kUnreachable, RpcFaultKind::kBusy, RpcFaultKind::kKeyRefused,
        RpcFaultKind::kAccessDenied, RpcFaultKind::kDatabaseMissing, RpcFaultKind::kAddonMissing,
        RpcFaultKind::kNotOdoo}) {
    SettlerWorld world(Batches(4));
    world.StartReady();
    world.Submit(1, 4);
    for (int i = 0; i < 6; ++i) {
      CHECK(world.Batch() == Numbers(1, 4));
      world.odoo.Fail(Method::kSettle, kind);
      world.Recover();
    }
    CHECK(world.SetAside().empty());
    world.AnswerSettle();
    CHECK(world.settled.size() == 4);
  }
}

namespace {

RpcFaultKind AnyFault(webhook::base::Random& random) {
  const RpcFaultKind kinds[] = {RpcFaultKind::kUnknown, RpcFaultKind::kRejected,
                                RpcFaultKind::kUnreachable, RpcFaultKind::kBusy};
  return kinds[random.Next() % 4];
}

// Answers as it likes and remembers which settlements got an answer that ends them.
Verdict AnyVerdict(webhook::base::Random& random, const Json& item, std::set<std::string>& ended) {
  const auto uid = item.at("settlement_uid").get<std::string>();
  const auto dice = random.Next() % 12;
  if (dice < 3) return {"conflict", ""};
  ended.insert(uid);
  if (dice == 3) return {"failed", "data"};
  if (dice == 4) return {"failed", "gone"};
  if (dice == 5) return {"superseded", ""};
  if (dice == 6) return {"already_applied", ""};
  return {"applied", ""};
}

}  // namespace

// Whatever Odoo does: everything submitted ends acknowledged or set aside, and nothing is
// acknowledged that Odoo did not answer.
TEST_CASE("no settlement is lost through any history") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    webhook::base::SeededRandom dice(seed);
    SettlerWorld world(Batches(1 + dice.Next() % 9));
    world.StartReady();
    const int total = 30;
    int submitted = 0;
    std::set<std::string> ended;
    for (int step = 0; step < 5000 && (submitted < total || world.settler.backlog() > 0); ++step) {
      if (submitted < total && dice.Next() % 3 == 0)
        world.Submit(submitted + 1, submitted + 1), ++submitted;
      if (world.odoo.IsPending(Method::kHello) && dice.Next() % 5 == 0) {
        world.odoo.Fail(Method::kHello, AnyFault(dice));
      }
      world.AnswerLink();
      if (world.odoo.IsPending(Method::kSettle)) {
        if (dice.Next() % 3 == 0) {
          world.odoo.Fail(Method::kSettle, AnyFault(dice));
        } else {
          world.AnswerSettle([&](const Json& item) { return AnyVerdict(dice, item, ended); });
        }
      }
      world.Advance(Milliseconds(dice.Next() % 2000));
    }
    CHECK(world.settler.backlog() == 0);
    CHECK(world.Journaled().settlements.empty());
    std::set<std::string> aside;
    for (const auto& uid : world.SetAside()) aside.insert(uid);
    std::set<std::string> leases(world.settled.begin(), world.settled.end());
    for (int n = 1; n <= total; ++n) {
      CHECK((ended.count(Uid(n)) == 1 || aside.count(Uid(n)) == 1));
      CHECK(leases.count(Uid(900000 + n) + "/" + std::to_string(n)) == 1);
      CHECK_FALSE(world.settler.Holds(Uid(900000 + n), n));
    }
  }
}
