// SPDX-License-Identifier: LGPL-3.0-or-later
// Claims and releases without an answer, and rows that come more than once.
#include <doctest/doctest.h>

#include "lib/delivery/dispatcher.h"
#include "tests/unit/delivery/dispatcher_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
using Texts = std::vector<std::string>;

namespace {

// A claim of which row 1 is being sent and row 2 is being given back.
std::string StartHalfReleased(DispatcherWorld& world) {
  world.StartClaiming();
  const std::string token = world.Token();
  Json answer = world.ClaimAnswer({1}, token);
  answer["deliveries"].push_back(world.Row(2, token, 1, 29));  // too late to be sent
  world.odoo.Answer(Method::kClaim, answer);
  CHECK(world.transport.count == 1);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{2});
  return token;
}

bool IsJournaled(DispatcherWorld& world, const std::string& token) {
  for (const auto& other : world.Journaled().claim_tokens) {
    if (other == token) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a lost claim reply is asked again under the same token, and for nothing new") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  CHECK(world.Journaled().claim_tokens == Texts{token});
  CHECK_FALSE(world.odoo.IsPending(Method::kClaim));
  world.Recover();
  CHECK(world.Token() == token);
  CHECK(world.ClaimRequest().at("limit") == 0);
  CHECK(world.ClaimRequest().at("takeover") == false);
  world.AnswerClaim({1, 2});
  CHECK(world.transport.count == 2);
  CHECK(world.Token() != token);  // then what is new
  CHECK(world.ClaimRequest().at("limit") == 500);
}

TEST_CASE("a claim whose answer makes no sense, or comes from elsewhere, is asked again") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Reply(Method::kClaim, std::string("{}"));
  world.Recover();
  CHECK(world.Token() == token);
  Json answer = world.ClaimAnswer({1}, token);
  answer["neutralized"] = true;
  world.odoo.Answer(Method::kClaim, answer);
  CHECK(world.transport.count == 0);
  CHECK(world.link.state() == Link::State::kHeld);
  world.Recover();
  CHECK(world.Token() == token);
}

TEST_CASE("a lost claim is asked for again until its leases are over, for it may run late") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  world.Recover();
  world.AnswerClaim();  // not yet
  CHECK(world.Journaled().claim_tokens.front() == token);
  int asked = 0;
  for (int second = 0; second < 200; ++second) {
    if (world.odoo.IsPending(Method::kClaim)) {
      asked += world.Token() == token ? 1 : 0;
      world.AnswerClaim();
    }
    world.Later(seconds(1));
  }
  CHECK(asked >= 3);
  CHECK(asked <= 6);
  for (const auto& other : world.Journaled().claim_tokens) CHECK(other != token);
}

// The rows are leased to us and were never sent: taking them over would write attempts that nobody
// made.
TEST_CASE("a lost claim outlives an outage of any length") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnreachable);
  for (int i = 0; i < 60; ++i) {
    while (!world.odoo.IsPending(Method::kHello)) world.Advance(Milliseconds(100));
    world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  }
  world.Recover();
  CHECK(world.Token() == token);
  CHECK(world.ClaimRequest().at("limit") == 0);
  world.AnswerClaim({1, 2}, 1, -300);  // expired, nobody took them
  CHECK(world.transport.count == 0);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1, 2});
}

TEST_CASE("claims of an earlier life are asked for first, and what is settled is not sent again") {
  DispatcherWorld world;
  JournalContents contents;
  contents.claim_tokens = {Uid(900001)};
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  CHECK(world.Token() == Uid(900001));
  CHECK(world.ClaimRequest().at("limit") == 0);
  world.AnswerClaim({1, 2});  // row 1 has a settlement on its way
  CHECK(world.transport.count == 1);
  CHECK(world.transport.under_way[0].request.headers[1].second == Uid(2));
}

TEST_CASE("a row settled while its claim is asked for again is not sent a second time") {
  DispatcherWorld world;
  JournalContents contents;
  contents.claim_tokens = {Uid(900001)};
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  // Odoo answered the claim first, but its reply comes after that of the settlement.
  const Json claimed = world.ClaimAnswer({1}, Uid(900001));
  world.AnswerSettle();
  world.odoo.Answer(Method::kClaim, claimed);
  CHECK(world.transport.count == 0);
}

TEST_CASE("a row is adopted once, however often it is answered") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  const Json claimed = world.ClaimAnswer({1}, token);
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  world.Recover();
  world.odoo.Answer(Method::kClaim, claimed);
  CHECK(world.transport.count == 1);
  world.odoo.Take(Method::kClaim).done(RpcFault{RpcFaultKind::kUnknown, ""});
  world.Recover();
  for (int i = 0; i < 5; ++i) {
    if (!world.odoo.IsPending(Method::kClaim)) world.UntilClaim();
    world.odoo.Answer(Method::kClaim, claimed);
  }
  CHECK(world.transport.count == 1);
  CHECK(world.dispatcher.in_flight() == 1);
}

TEST_CASE("a row waits for the answer to a settlement of an older lease of it") {
  DispatcherWorld world;
  JournalContents contents;
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  world.AnswerClaim({1, 2});
  CHECK(world.transport.count == 1);
  CHECK(world.transport.under_way[0].request.headers[1].second == Uid(2));
  world.AnswerSettle([](const Json&) { return Verdict{"superseded", ""}; });
  REQUIRE(world.transport.count == 2);
  CHECK(world.transport.under_way[1].request.headers[1].second == Uid(1));
}

TEST_CASE("a row that waits for an older settlement is given back when the worker stops") {
  DispatcherWorld world;
  JournalContents contents;
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  world.AnswerClaim({1});
  world.dispatcher.Stop();
  world.strand.RunReady();
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
  world.AnswerSettle();
  CHECK(world.transport.count == 0);
}

TEST_CASE("a claim whose answer can never be read is given up, loudly, and others go on") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Reply(Method::kClaim, std::string("{}"));
  for (int i = 0; i < 3; ++i) {
    if (!world.link.ready()) world.Recover();
    REQUIRE(world.Token() == token);
    CHECK(world.log.Named("claim.unreadable").empty());
    world.odoo.Reply(Method::kClaim, std::string("{}"));
  }
  REQUIRE(world.log.Named("claim.unreadable").size() == 1);
  CHECK(world.log.Named("claim.unreadable")[0].level == base::Level::kError);
  CHECK(world.link.ready());
  CHECK(world.Token() != token);
  CHECK(world.ClaimRequest().at("limit") == 500);
  for (const auto& other : world.Journaled().claim_tokens) CHECK(other != token);
}

TEST_CASE("a lost claim is never given up because Odoo is away") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  for (int i = 0; i < 10; ++i) {
    world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
    world.Recover();
    CHECK(world.Token() == token);
  }
}

TEST_CASE("what Odoo did not hear of being given back is asked for again under its token") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1}, 1, 29);  // too late to be sent
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
  CHECK(world.Journaled().claim_tokens.front() == token);  // until Odoo says so
  world.odoo.Fail(Method::kRelease, RpcFaultKind::kUnknown);
  CHECK(world.Journaled().claim_tokens.front() == token);
  bool asked = false;
  for (int i = 0; i < 60 && !asked; ++i) {
    if (world.odoo.IsPending(Method::kClaim)) {
      asked = world.Token() == token && world.ClaimRequest().at("limit") == 0;
      if (!asked) world.AnswerClaim();
    }
    if (!asked) world.Later(seconds(1));
  }
  REQUIRE(asked);
  world.AnswerClaim({1});
  CHECK(world.transport.count == 1);
}

TEST_CASE("a claim is remembered until Odoo has taken back what of it was not sent") {
  DispatcherWorld world;
  const std::string token = StartHalfReleased(world);
  world.FinishSend();
  world.Linger();
  world.AnswerSettle();
  CHECK(IsJournaled(world, token));
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  CHECK_FALSE(IsJournaled(world, token));
}

TEST_CASE("a claim is remembered also when giving back failed before the rest was settled") {
  DispatcherWorld world;
  const std::string token = StartHalfReleased(world);
  world.odoo.Fail(Method::kRelease, RpcFaultKind::kUnknown);
  world.FinishSend();
  world.Linger();
  world.AnswerSettle();
  CHECK(IsJournaled(world, token));  // row 2 may still be leased to us
}

TEST_CASE("a row that is being given back is not sent when its claim is answered once more") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  world.Recover();
  world.AnswerClaim({1}, 1, 29);
  CHECK(world.odoo.IsPending(Method::kRelease));
  Json again = world.ClaimAnswer({1}, token);  // with a renewed lease
  world.odoo.Answer(Method::kClaim, again);
  CHECK(world.transport.count == 0);
}

TEST_CASE("an earlier life's claim of which everything is settled is forgotten in the end") {
  DispatcherWorld world;
  JournalContents contents;
  contents.claim_tokens = {Uid(900001)};
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.memory.Append({ClaimStarted{Uid(900001)}}, [](bool) {});
  world.StartClaiming(contents);
  world.AnswerClaim({1});
  world.AnswerSettle();
  CHECK(IsJournaled(world, Uid(900001)));  // an answer may still come late
  for (int i = 0; i < 160; ++i) {
    if (world.odoo.IsPending(Method::kClaim)) world.AnswerClaim();
    world.Later(seconds(1));
  }
  CHECK_FALSE(IsJournaled(world, Uid(900001)));
  CHECK(world.transport.count == 0);
}
