// SPDX-License-Identifier: LGPL-3.0-or-later
// Leases: renewed, too short, lost, given back.
#include <doctest/doctest.h>

#include "lib/delivery/dispatcher.h"
#include "tests/unit/delivery/dispatcher_world.h"

using namespace webhook::delivery;
namespace model = webhook::model;

TEST_CASE("leases are renewed when half of them is over, but not those being settled") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim({1, 2});
  world.FinishSend();  // 1 is settled and on its way, 2 is slow
  world.Linger();
  CHECK(world.odoo.IsPending(Method::kSettle));
  world.Later(seconds(59));
  CHECK_FALSE(world.odoo.IsPending(Method::kRenew));
  world.Later(seconds(32));
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{2});
  CHECK(world.odoo.Pending(Method::kRenew).request.at("lease_seconds") == 120);
  world.odoo.Answer(Method::kRenew, world.Renewed());
  world.Later(seconds(59));
  CHECK_FALSE(world.odoo.IsPending(Method::kRenew));
  world.Later(seconds(32));
  CHECK(world.odoo.IsPending(Method::kRenew));
}

TEST_CASE("a row whose lease is lost is not sent") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1, 2, 3});
  CHECK(world.transport.count == 1);
  world.Later(seconds(91));
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{1, 2, 3});
  world.odoo.Answer(Method::kRenew,
                    world.Renewed({{{"kind", "delivery"}, {"id", 2}, {"lease_token", token}}}));
  CHECK(world.log.Named("lease.lost").at(0).Get("id") == "2");
  world.FinishSend();
  CHECK(world.transport.count == 2);
  CHECK(world.transport.under_way[0].request.headers[1].second == Uid(3));
  world.FinishSend();
  CHECK(world.transport.count == 2);
  CHECK(world.dispatcher.in_flight() == 0);
}

TEST_CASE("a row is not sent when less than a quarter of its lease is left") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim({1}, 1, 29);
  CHECK(world.transport.count == 0);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
  DispatcherWorld other;
  other.StartClaiming();
  other.AnswerClaim({1}, 1, 30);
  CHECK(other.transport.count == 1);
}

TEST_CASE("leases count from before the claim was asked") {
  DispatcherWorld world;
  world.StartClaiming();
  world.Later(seconds(91));  // a slow answer
  world.AnswerClaim({1});
  CHECK(world.transport.count == 0);
}

TEST_CASE(
    "while Odoo is away, rows are sent as long as their leases are good, and nothing is claimed") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3});
  const int claims = world.odoo.Count(Method::kClaim);
  world.link.OnFault("claim", {RpcFaultKind::kUnreachable, ""});
  world.FinishSend();
  CHECK(world.transport.count == 2);
  world.dispatcher.Wake();
  world.Advance(seconds(95));
  world.FinishSend();
  CHECK(world.transport.count == 2);
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  CHECK(world.odoo.Count(Method::kRenew) == 0);
}

TEST_CASE("a held database gets nothing: rows wait, and are not sent") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2});
  model::Envelope envelope;
  envelope.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(envelope));
  world.FinishSend();
  CHECK(world.transport.count == 1);
  CHECK(world.odoo.Count(Method::kRelease) == 0);
}

TEST_CASE("after a journal failure nothing is claimed or sent, and what waits is given back") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3});
  CHECK(world.transport.count == 1);
  world.dispatcher.OnJournalFailed();
  world.dispatcher.OnJournalFailed();
  world.strand.RunReady();
  CHECK(world.log.Named("journal.failed").size() == 1);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{2, 3});
  const int claims = world.odoo.Count(Method::kClaim);
  world.FinishSend();
  world.dispatcher.Wake();
  CHECK(world.UntilClaim() == seconds(60));
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  CHECK(world.transport.count == 1);
}

TEST_CASE("what the configuration no longer knows is given back") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim({1}, 99);
  CHECK(world.transport.count == 0);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1});
  CHECK(world.dispatcher.in_flight() == 0);
}

TEST_CASE("stopping gives back what waits, finishes what is under way, and claims nothing more") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 8;  // one endpoint may have two
  DispatcherWorld world(options);
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1, 2, 3, 4});
  const int claims = world.odoo.Count(Method::kClaim);
  world.dispatcher.Stop();
  world.strand.RunReady();
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{3, 4});
  for (const Json& lease : world.odoo.Pending(Method::kRelease).request.at("leases")) {
    CHECK(lease.at("lease_token") == token);
  }
  CHECK(world.dispatcher.in_flight() == 2);
  for (int i = 0; i < 2; ++i) world.FinishSend();
  CHECK(world.transport.count == 2);
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 2}}));
  world.dispatcher.Wake();
  world.Linger();
  world.AnswerSettle();
  CHECK(world.UntilClaim() == seconds(60));
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  for (const auto& other : world.Journaled().claim_tokens) CHECK(other != token);
}

TEST_CASE("rows that a claim brings after the stop are given back") {
  DispatcherWorld world;
  world.StartClaiming();
  world.dispatcher.Stop();
  world.AnswerClaim({1, 2});
  CHECK(world.transport.count == 0);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{1, 2});
}

TEST_CASE("an endpoint that was paused meanwhile gets nothing more of what was claimed for it") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2});
  world.database.revision = 2;
  model::Envelope envelope;
  envelope.fingerprint = kOurs;
  envelope.fingerprint_confirmed = true;
  envelope.configuration_revision = 2;
  CHECK(world.link.OnEnvelope(envelope));
  Json configuration = world.Configuration();
  configuration["configuration"]["endpoints"][0]["held_reason"] = "endpoint_paused";
  world.odoo.Answer(Method::kConfiguration, configuration);
  world.FinishSend();
  CHECK(world.transport.count == 1);
  CHECK(world.Leases(Method::kRelease) == std::vector<int>{2});
}

TEST_CASE("rows survive an outage in their queues when nobody took them over") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1, 2, 3, 4});
  world.link.OnFault("claim", {RpcFaultKind::kUnreachable, ""});
  for (int i = 0; i < 30; ++i) {  // far beyond the lease
    while (!world.odoo.IsPending(Method::kHello)) world.Advance(Milliseconds(100));
    world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  }
  world.FinishSend();
  CHECK(world.transport.count == 1);
  CHECK(world.odoo.Count(Method::kRelease) == 0);
  world.Recover();
  // The settlement of 1 is on its way already; another worker has 3 by now.
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{2, 3, 4});
  world.odoo.Answer(Method::kRenew,
                    world.Renewed({{{"kind", "delivery"}, {"id", 3}, {"lease_token", token}}}));
  CHECK(world.transport.count == 2);
  world.FinishSend();
  world.FinishSend();
  CHECK(world.transport.count == 3);
  CHECK(world.dispatcher.in_flight() == 0);
}

TEST_CASE("a lease whose settlement waits for Odoo is renewed, one in the call under way is not") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim({1, 2});
  world.FinishSend();
  world.Linger();
  CHECK(world.odoo.IsPending(Method::kSettle));
  world.FinishSend();  // 2 waits behind the call with 1
  world.Later(seconds(91));
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{2});
}

TEST_CASE("what was given back is over when Odoo says so") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1}, 1, 29);
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  for (const auto& other : world.Journaled().claim_tokens) CHECK(other != token);
}

TEST_CASE("rows are not given back while their leases are being renewed after an outage") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3});
  world.link.OnFault("claim", {RpcFaultKind::kUnreachable, ""});
  for (int i = 0; i < 12; ++i) {
    while (!world.odoo.IsPending(Method::kHello)) world.Advance(Milliseconds(100));
    world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  }
  world.Recover();
  CHECK(world.odoo.IsPending(Method::kRenew));
  world.FinishSend();  // just now
  CHECK(world.odoo.Count(Method::kRelease) == 0);
  world.odoo.Answer(Method::kRenew, world.Renewed());
  CHECK(world.transport.count == 2);
}

TEST_CASE("a lease that ends within half its length is renewed at the next look") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim({1}, 1, 80);
  world.Later(seconds(31));
  CHECK(world.Leases(Method::kRenew) == std::vector<int>{1});
}
