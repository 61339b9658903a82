// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/sender.h"

#include <doctest/doctest.h>

#include "lib/base/uuid.h"
#include "tests/unit/delivery/sender_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace fakes = webhook::fakes;
namespace model = webhook::model;

namespace {

// Sends delivery 1 and finishes its request.
void SendOne(SenderWorld& world, const HttpResult& result, int attempt_count = 0) {
  model::Delivery delivery = world.Delivery(1);
  delivery.attempt_count = attempt_count;
  world.SendNow({delivery});
  world.Advance(Milliseconds(250));
  world.Finish(result);
}

}  // namespace

TEST_CASE("no byte leaves before its intent is in the journal") {
  SenderWorld world;
  world.Send({world.Delivery(1), world.Delivery(2)});
  CHECK(world.transport.count == 0);
  CHECK(world.Journaled().intents.empty());
  world.strand.RunReady();
  CHECK(world.transport.count == 2);
  const auto intents = world.Journaled().intents;
  REQUIRE(intents.size() == 2);
  CHECK(intents[0].delivery_id == 1);
  CHECK(intents[0].lease_token == Uid(800000));
  CHECK(base::IsUuid(intents[0].attempt_uid));
  CHECK(base::IsUuid(intents[0].settlement_uid));
  CHECK(intents[0].attempt_uid != intents[0].settlement_uid);
  CHECK(intents[0].attempt_uid != intents[1].attempt_uid);
  CHECK(intents[0].http_method == "post");
  CHECK(intents[0].target_url == "https://example.com/1");
  CHECK(intents[0].started_at == world.clock.Now());
  const HttpRequest& request = world.transport.under_way[0].request;
  CHECK(request.body == "{\"n\":1}");
  CHECK(request.timeout == seconds(30));
  CHECK(world.finished.empty());
}

TEST_CASE("a reply becomes a settlement under the intent's uids, with its attempt") {
  SenderWorld world;
  world.Send({world.Delivery(1)});
  world.strand.RunReady();
  const SendIntent intent = world.Journaled().intents.at(0);
  world.Advance(Milliseconds(250));
  world.Finish(Reply(200));
  CHECK(world.finished == Ids{1});
  CHECK(world.unsent.empty());
  const Json settlement = world.Recorded();
  CHECK(settlement.at("settlement_uid") == intent.settlement_uid);
  CHECK(settlement.at("id") == 1);
  CHECK(settlement.at("lease_token") == Uid(800000));
  CHECK(settlement.at("outcome") == "delivered");
  CHECK(settlement.at("state") == "done");
  CHECK(settlement.at("attempt").at("attempt_uid") == intent.attempt_uid);
  CHECK(settlement.at("attempt").at("duration_ms") == 250);
  CHECK(settlement.at("attempt").at("response_status_code") == 200);
  CHECK(settlement.at("attempt").at("started_at_ms") == base::ToUnixMs(intent.started_at));
}

TEST_CASE("failures retry on the schedule, from now, until the attempts are exhausted") {
  SenderWorld first;
  SendOne(first, Reply(503));
  Json settlement = first.Recorded();
  CHECK(settlement.at("outcome") == "retry");
  CHECK(settlement.at("state") == "error");
  CHECK(settlement.at("next_attempt_at_ms") == base::ToUnixMs(first.clock.Now()) + 5000);
  CHECK(settlement.at("failure_reason") == "http_status");

  SenderWorld second;
  SendOne(second, Reply(503, {{"Retry-After", "600"}}), 1);
  settlement = second.Recorded();
  CHECK(settlement.at("next_attempt_at_ms") == base::ToUnixMs(second.clock.Now()) + 600000);

  SenderWorld third;
  SendOne(third, Reply(503), 2);
  settlement = third.Recorded();
  CHECK(settlement.at("outcome") == "retry");
  CHECK(settlement.at("state") == "dead_letter");
  CHECK(settlement.at("failure_reason") == "attempts_exhausted");
  CHECK(settlement.at("attempt").at("response_status_code") == 503);
}

TEST_CASE("a final status and a failed connection are settled with their attempt") {
  SenderWorld gone;
  SendOne(gone, Reply(410));
  CHECK(gone.Recorded().at("failure_reason") == "endpoint_gone");
  SenderWorld lost;
  SendOne(lost, TransportError{TransportErrorKind::kConnectionLost, "reset", true});
  const Json settlement = lost.Recorded();
  CHECK(settlement.at("failure_reason") == "connection_lost");
  CHECK(settlement.at("attempt").at("error_kind") == "connection_lost");
  CHECK(settlement.at("attempt").at("maybe_delivered") == true);
}

TEST_CASE("what is too old is not sent") {
  SenderWorld world;
  model::Delivery delivery = world.Delivery(1);
  delivery.queued_at = world.clock.Now() - seconds(86401);
  model::Delivery fresh = world.Delivery(2);
  fresh.queued_at = world.clock.Now() - seconds(86400);
  world.Send({delivery, fresh});
  CHECK(world.finished == Ids{1});
  world.strand.RunReady();
  CHECK(world.transport.count == 1);
  const Json settlement = Json::parse(world.Journaled().settlements.at(0).settlement_json);
  CHECK(settlement.at("id") == 1);
  CHECK(settlement.at("state") == "dead_letter");
  CHECK(settlement.at("failure_reason") == "expired");
  CHECK_FALSE(settlement.contains("attempt"));
}

TEST_CASE("what cannot be sent is a dead letter without an attempt") {
  SenderWorld world;
  model::Delivery delivery = world.Delivery(1);
  delivery.request_headers = {{"Host", "evil"}};
  world.Send({delivery});
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.finished == Ids{1});
  const Json settlement = world.Recorded();
  CHECK(settlement.at("failure_reason") == "request_invalid");
  CHECK_FALSE(settlement.contains("attempt"));
}

TEST_CASE(
    "a request canceled before a byte left is given back, and is no attempt after a restart") {
  SenderWorld world;
  SendOne(world, TransportError{TransportErrorKind::kCanceled, "stopping", false});
  CHECK(world.unsent == Ids{1});
  CHECK(world.finished.empty());
  CHECK(world.settler.backlog() == 0);
  CHECK(world.Journaled().settlements.empty());
  CHECK(world.Journaled().intents.empty());
}

TEST_CASE("a request canceled after that is an interrupted attempt") {
  SenderWorld world;
  SendOne(world, TransportError{TransportErrorKind::kCanceled, "stopping", true});
  CHECK(world.finished == Ids{1});
  CHECK(world.unsent.empty());
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "interrupted");
  CHECK(settlement.at("state") == "error");
  CHECK(settlement.at("failure_reason") == "interrupted");
  CHECK(settlement.at("next_attempt_at_ms") == base::ToUnixMs(world.clock.Now()));
  CHECK(settlement.at("attempt").at("maybe_delivered") == true);
}

TEST_CASE("when the journal fails nothing is sent and everything is given back") {
  SenderWorld world({.failing_append = 2});
  world.Send({world.Delivery(1), world.Delivery(2)});
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.sender_journal_failures == 1);
  CHECK(world.unsent == Ids{1, 2});
  CHECK(world.finished.empty());
}

TEST_CASE("every delivery gives one canonical line") {
  SenderWorld world;
  SendOne(world, Reply(503), 1);
  const auto lines = world.log.Named("delivery.attempted");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].Get("delivery") == Uid(1));
  CHECK(lines[0].Get("endpoint") == "endpoint1");
  CHECK(lines[0].Get("attempt") == "2");
  CHECK(lines[0].Get("outcome") == "retry");
  CHECK(lines[0].Get("state") == "error");
  CHECK(lines[0].Get("status") == "503");
  CHECK(lines[0].Get("reason") == "http_status");
  CHECK(lines[0].Get("duration_ms") == "250");
  CHECK(lines[0].Get("next_in_ms") == "300000");

  SenderWorld delivered;
  SendOne(delivered, Reply(204));
  const auto line = delivered.log.Named("delivery.attempted").at(0);
  CHECK(line.Get("status") == "204");
  CHECK(line.Get("reason") == "");
  CHECK(line.Get("next_in_ms") == "");
}

TEST_CASE("a new configuration does not pull the endpoint away from a request under way") {
  SenderWorld world;
  world.Send({world.Delivery(1)});
  world.strand.RunReady();
  world.database.revision = 2;
  world.database.endpoints = {2};
  model::Envelope envelope;
  envelope.fingerprint = kOurs;
  envelope.fingerprint_confirmed = true;
  envelope.configuration_revision = 2;
  CHECK(world.link.OnEnvelope(envelope));
  world.AnswerLink();
  CHECK(world.link.configuration()->endpoints.count(1) == 0);
  world.Finish(Reply(503));
  CHECK(world.Recorded().at("state") == "error");
}

TEST_CASE("an intent of an earlier life becomes an interrupted attempt under the same uids") {
  SenderWorld world;
  const base::WallTime started = world.clock.Now() - seconds(60);
  world.sender.SettleInterrupted(
      {7, Uid(800000), Uid(1), Uid(2), "put", "https://example.com/1", started});
  world.strand.RunReady();
  const Json settlement = world.Recorded();
  CHECK(settlement.at("settlement_uid") == Uid(2));
  CHECK(settlement.at("id") == 7);
  CHECK(settlement.at("lease_token") == Uid(800000));
  CHECK(settlement.at("outcome") == "interrupted");
  CHECK(settlement.at("state") == "error");
  CHECK(settlement.at("failure_reason") == "interrupted");
  const Json& attempt = settlement.at("attempt");
  CHECK(attempt.at("attempt_uid") == Uid(1));
  CHECK(attempt.at("started_at_ms") == base::ToUnixMs(started));
  CHECK(attempt.at("http_method") == "put");
  CHECK(attempt.at("target_url") == "https://example.com/1");
  CHECK(attempt.at("maybe_delivered") == true);
  CHECK(attempt.at("error_kind") == "interrupted");
  CHECK(world.finished.empty());
}

TEST_CASE("what may no longer be sent when its intent is in the journal is given back") {
  SenderWorld world;
  world.Send({world.Delivery(1)});
  world.may_send = false;  // the lease ended while the journal was slow
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.unsent == Ids{1});
  CHECK(world.finished.empty());
  CHECK(world.Journaled().intents.empty());
  CHECK(world.settler.backlog() == 0);
}

TEST_CASE("our own trouble defers, and is no attempt") {
  SenderWorld world;
  SendOne(world, TransportError{TransportErrorKind::kOurTrouble, "no descriptors", false}, 2);
  CHECK(world.finished == Ids{1});
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "deferred");
  CHECK(settlement.at("state") == "queued");
  CHECK(settlement.at("next_attempt_at_ms") == base::ToUnixMs(world.clock.Now()) + 30000);
  CHECK(settlement.at("note") == "no descriptors");
  CHECK_FALSE(settlement.contains("attempt"));
}

// Odoo takes deferred for queued only.
TEST_CASE("a delivery that is deferred into its end is a dead letter by outcome as well") {
  SenderWorld world;
  model::Delivery delivery = world.Delivery(1);
  delivery.queued_at = world.clock.Now() - seconds(86399);
  world.Send({delivery});
  world.strand.RunReady();
  world.Finish(TransportError{TransportErrorKind::kOurTrouble, "no descriptors", false});
  const Json settlement = world.Recorded();
  CHECK(settlement.at("outcome") == "dead_letter");
  CHECK(settlement.at("state") == "dead_letter");
  CHECK(settlement.at("failure_reason") == "expired");
}
