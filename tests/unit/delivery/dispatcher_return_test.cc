// SPDX-License-Identifier: LGPL-3.0-or-later
// What happens to rows between the claim and their first byte when something comes in between.
#include <doctest/doctest.h>

#include "tests/unit/delivery/dispatcher_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;

namespace {

// Its rows are handed to the sender, but their intents are not in the journal yet.
struct WorldBeforeCommit : DispatcherWorld {
  explicit WorldBeforeCommit(const std::vector<int>& ids, int lease_s = 120) {
    StartClaiming();
    token = Token();
    odoo.Take(Method::kClaim).done(ClaimAnswer(ids, token, 1, lease_s).dump());
    REQUIRE(transport.count == 0);
    REQUIRE(dispatcher.in_flight() == static_cast<int>(ids.size()));
  }
  std::string token;
};

bool IsJournaled(DispatcherWorld& world, const std::string& token) {
  for (const std::string& other : world.Journaled().claim_tokens) {
    if (other == token) return true;
  }
  return false;
}

// Answers claims with nothing until one asks for `token` again; false when none does in a lease.
bool IsAskedAgain(DispatcherWorld& world, const std::string& token) {
  for (int second = 0; second < 120; ++second) {
    if (world.odoo.IsPending(Method::kClaim)) {
      if (world.Token() == token) return world.ClaimRequest().at("limit") == 0;
      world.AnswerClaim();
    }
    world.Later(seconds(1));
  }
  return false;
}

}  // namespace

TEST_CASE("what is given back in one turn is one call, in the next turn") {
  WorldBeforeCommit world({1, 2, 3});
  world.dispatcher.Stop();
  CHECK(world.odoo.Count(Method::kRelease) == 0);
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.odoo.Count(Method::kRelease) == 1);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1, 2, 3});
  CHECK(world.dispatcher.in_flight() == 0);
  CHECK(world.dispatcher.claiming_or_releasing());
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 3}}));
  CHECK_FALSE(IsJournaled(world, world.token));
  CHECK(world.Journaled().intents.empty());
}

TEST_CASE("a lease that became too short while the intent was journaled is given back unsent") {
  WorldBeforeCommit world({1}, 31);
  world.clock.Advance(Milliseconds(1001));
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
  CHECK(world.Journaled().intents.empty());
}

TEST_CASE("a lease that is just long enough when the intent is journaled is used") {
  WorldBeforeCommit world({1}, 31);
  world.clock.Advance(Milliseconds(1000));
  world.strand.RunReady();
  CHECK(world.transport.count == 1);
}

TEST_CASE("what waits behind one that is given back starts in its place at once") {
  DispatcherWorld world;
  world.database.endpoints = {1};
  world.database.concurrency_max = 1;
  world.StartClaiming();
  Json answer = world.ClaimAnswer({}, world.Token());
  answer["deliveries"] = {world.Row(1, world.Token(), 1, 31), world.Row(2, world.Token(), 1, 120)};
  world.odoo.Take(Method::kClaim).done(answer.dump());
  REQUIRE(world.dispatcher.in_flight() == 1);
  world.clock.Advance(Milliseconds(1001));
  world.strand.RunReady();
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
  CHECK(world.transport.count == 1);
}

TEST_CASE("nothing leaves for a database that was held while the intent was journaled") {
  WorldBeforeCommit world({1, 2});
  model::Envelope envelope;
  envelope.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(envelope));
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.odoo.Count(Method::kRelease) == 0);  // cannot be sent now
  CHECK(IsJournaled(world, world.token));
  CHECK(world.Journaled().intents.empty());
  world.Recover();
  CHECK(world.Token() == world.token);  // asked for again instead
  CHECK(world.ClaimRequest().at("limit") == 0);
  world.AnswerClaim({1, 2});
  CHECK(world.transport.count == 2);
}

TEST_CASE("an endpoint that is paused while the intent is journaled gets nothing more") {
  WorldBeforeCommit world({1});
  world.database.revision = 2;
  world.database.endpoints = {2};
  world.link.RefreshConfiguration();
  world.odoo.Take(Method::kConfiguration).done(world.Configuration().dump());
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
}

TEST_CASE("a claim with an unheard release is not over when another release of it is answered") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1, 2, 3}, 1);
  world.link.OnFault("renew", {RpcFaultKind::kUnreachable, ""});
  world.FinishSend(TransportError{TransportErrorKind::kCanceled, "stopping", false});
  CHECK(world.odoo.Count(Method::kRelease) == 0);  // 1: Odoo is out of sight
  world.Recover();
  world.FinishSend(TransportError{TransportErrorKind::kCanceled, "stopping", false});
  world.FinishSend(TransportError{TransportErrorKind::kCanceled, "stopping", false});
  while (world.odoo.IsPending(Method::kRelease)) {
    world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  }
  CHECK(world.odoo.Count(Method::kRelease) == 2);
  CHECK(IsJournaled(world, token));
  CHECK(IsAskedAgain(world, token));
}

TEST_CASE("a claim whose release is never answered is over when its leases are") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1}, 99);
  world.odoo.Fail(Method::kRelease, RpcFaultKind::kUnknown);
  for (int second = 0; second < 180; ++second) {  // Odoo did release it: it has no row for us
    if (world.odoo.IsPending(Method::kClaim)) world.AnswerClaim();
    if (second < 119) CHECK(IsJournaled(world, token));
    world.Later(seconds(1));
  }
  CHECK_FALSE(IsJournaled(world, token));
}

TEST_CASE("a claim that is answered before the renewal does not give rows back") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3});
  if (world.odoo.IsPending(Method::kClaim)) world.AnswerClaim();
  world.link.OnFault("claim", {RpcFaultKind::kUnreachable, ""});
  world.Advance(seconds(100));
  world.FinishSend();
  CHECK(world.transport.count == 1);
  world.Recover();
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{2, 3});
  world.AnswerClaim();  // Odoo answers the claim first
  CHECK(world.odoo.Count(Method::kRelease) == 0);
  world.odoo.Answer(Method::kRenew, world.Renewed());
  CHECK(world.transport.count == 2);
  world.FinishSend();
  CHECK(world.transport.count == 3);
  CHECK(world.odoo.Count(Method::kRelease) == 0);
}

TEST_CASE("a row that waits for an older settlement keeps its lease") {
  DispatcherWorld world;
  JournalContents contents;
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  world.AnswerClaim({1});
  world.Later(seconds(91));
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{1});
  world.odoo.Answer(Method::kRenew, world.Renewed());
  CHECK(world.transport.count == 0);
  world.Later(seconds(60));
  world.AnswerSettle([](const Json&) { return Verdict{"superseded", ""}; });
  CHECK(world.transport.count == 1);
}

TEST_CASE("a row that waits for an older settlement is not sent when that is put off") {
  DispatcherWorld world;
  JournalContents contents;
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  world.AnswerClaim({1});
  world.AnswerSettle([](const Json&) { return Verdict{"conflict", ""}; });
  CHECK(world.transport.count == 0);
  world.Advance(Milliseconds(200));
  world.AnswerSettle();
  CHECK(world.transport.count == 1);
}

// The dead letter in its place belongs to the same request; the row must not overtake it.
TEST_CASE("a row that waits for a refused settlement waits for its substitute as well") {
  DispatcherWorld world;
  JournalContents contents;
  contents.settlements = {SettlerWorld::Recorded(1)};
  world.StartClaiming(contents);
  world.AnswerClaim({1});
  world.AnswerSettle([](const Json&) { return Verdict{"failed", "data"}; });
  CHECK(world.settler.Holds(1));
  CHECK(world.transport.count == 0);
  world.AnswerSettle([](const Json&) { return Verdict{"superseded", ""}; });
  CHECK(world.transport.count == 1);
}

TEST_CASE("a wake-up asks for the configuration when there is no endpoint to claim for") {
  DispatcherWorld world;
  world.database.endpoints.clear();
  world.StartAll();
  world.AnswerLink();
  const int asked = world.odoo.Count(Method::kConfiguration);
  world.dispatcher.Wake();
  CHECK(world.odoo.Count(Method::kConfiguration) == asked + 1);
  world.database.endpoints = {1};
  world.database.revision = 2;
  world.AnswerLink();
  CHECK(world.UntilClaim() <= seconds(5));
}
