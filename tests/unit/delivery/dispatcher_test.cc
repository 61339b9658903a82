// SPDX-License-Identifier: LGPL-3.0-or-later
// What is claimed, when, and how much.
#include "lib/delivery/dispatcher.h"

#include <doctest/doctest.h>

#include "lib/base/uuid.h"
#include "tests/unit/delivery/dispatcher_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
using Texts = std::vector<std::string>;

TEST_CASE("a claim asks for what is free, under a new token that the journal has first") {
  DispatcherWorld world;
  world.StartAll();
  world.odoo.Answer(Method::kHello, world.Hello());
  const ScriptedCall configuration = world.odoo.Take(Method::kConfiguration);
  configuration.done(world.Configuration().dump());
  CHECK_FALSE(world.odoo.IsPending(Method::kClaim));  // the token is not committed yet
  world.strand.RunReady();
  const Json request = world.ClaimRequest();
  CHECK(base::IsUuid(world.Token()));
  CHECK(world.Journaled().claim_tokens == Texts{world.Token()});
  CHECK(request.at("worker_uid") == kWorkerUid);
  CHECK(request.at("limit") == 500);
  CHECK(request.at("lease_seconds") == 120);
  CHECK(request.at("quotas") ==
        Json::parse(R"([{"endpoint_id":1,"free":20},{"endpoint_id":2,"free":20}])"));
}

TEST_CASE("claimed rows are sent, settled, and the claim is over") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1, 2, 3});
  CHECK(world.transport.count == 3);
  CHECK(world.dispatcher.in_flight() == 3);
  for (int i = 0; i < 3; ++i) world.FinishSend();
  CHECK(world.dispatcher.in_flight() == 0);
  CHECK(world.Journaled().claim_tokens.front() == token);
  world.Linger();
  world.AnswerSettle();
  for (const auto& other : world.Journaled().claim_tokens) CHECK(other != token);
}

TEST_CASE("an empty claim is over at once") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim();
  CHECK(world.Journaled().claim_tokens.empty());
}

TEST_CASE("the claim's limit and the rows held stay within the limits of the worker") {
  DispatcherOptions options = TestOptions();
  options.claim_batch_max = 30;
  options.queues.outstanding_max = 50;
  DispatcherWorld world(options);
  world.StartClaiming();
  CHECK(world.ClaimRequest().at("limit") == 30);
  world.AnswerClaim(Numbers(1, 20), 1);
  world.UntilClaim();
  CHECK(world.ClaimRequest().at("limit") == 30);
  world.AnswerClaim(Numbers(21, 40), 2);
  world.database.endpoints = {1, 2, 3, 4, 5};
  world.database.revision = 2;
  world.UntilClaim();
  if (world.odoo.IsPending(Method::kClaim)) world.AnswerClaim();
  world.AnswerLink();
  world.UntilClaim();
  CHECK(world.ClaimRequest().at("quotas").size() == 3);
  CHECK(world.ClaimRequest().at("limit") == 10);  // 40 of 50 are held
}

TEST_CASE("nothing is claimed while too much waits to be settled") {
  DispatcherOptions options = TestOptions();
  options.settle_backlog_max = 2;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2, 3});
  for (int i = 0; i < 3; ++i) world.FinishSend();
  CHECK(world.settler.backlog() == 3);
  const int claims = world.odoo.Count(Method::kClaim);
  world.dispatcher.Wake();
  CHECK(world.UntilClaim() == seconds(60));
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  world.AnswerSettle();
  CHECK(world.odoo.Count(Method::kClaim) == claims + 1);
}

TEST_CASE("a claim whose token cannot be journaled is not asked") {
  DispatcherWorld world(TestOptions(), {.failing_append = 2});
  world.StartAll();
  world.AnswerLink();
  CHECK(world.odoo.Count(Method::kClaim) == 0);
  CHECK(world.log.Named("journal.failed").size() == 1);
  CHECK(world.UntilClaim() == seconds(60));
}

TEST_CASE("expired leases are taken over only after takeover_after of sight of Odoo") {
  DispatcherWorld world;
  world.StartClaiming();
  CHECK(world.ClaimRequest().at("takeover") == false);
  const auto ready_at = world.clock.SteadyNow();
  for (int i = 0; i < 30; ++i) {
    const auto seen = world.odoo.Pending(Method::kClaim).at - ready_at;
    CHECK(world.ClaimRequest().at("takeover") == (seen >= seconds(10)));
    world.AnswerClaim();
    world.UntilClaim();
  }
  CHECK(world.ClaimRequest().at("takeover") == true);
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  world.Recover();
  CHECK(world.ClaimRequest().at("takeover") == false);
}

TEST_CASE("an idle worker asks every second, and every five while wake-ups arrive") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim();
  CHECK(world.UntilClaim() == seconds(1));
  world.AnswerClaim();
  world.dispatcher.Wake();
  CHECK(world.UntilClaim() == Milliseconds(0));
  world.AnswerClaim();
  for (int i = 0; i < 12; ++i) {
    CHECK(world.UntilClaim() == seconds(5));
    world.AnswerClaim();
  }
  CHECK(world.UntilClaim() == seconds(1));  // the last wake-up was a minute ago
}

TEST_CASE("a wake-up during a claim is not lost: Odoo may have answered before the commit") {
  DispatcherWorld world;
  world.StartClaiming();
  world.dispatcher.Wake();
  world.AnswerClaim();
  CHECK(world.UntilClaim() == Milliseconds(0));
}

TEST_CASE("many wake-ups are one claim at a time") {
  DispatcherWorld world;
  world.StartClaiming();
  for (int i = 0; i < 100; ++i) world.dispatcher.Wake();
  world.strand.RunReady();
  CHECK(world.odoo.Count(Method::kClaim) == 1);
  world.AnswerClaim();
  CHECK(world.odoo.Count(Method::kClaim) == 2);
}

TEST_CASE("the next due time is honoured, on Odoo's clock") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaimDueIn(Milliseconds(300));
  CHECK(world.UntilClaim() == Milliseconds(300));
  world.AnswerClaimDueIn(seconds(3600));
  CHECK(world.UntilClaim() == seconds(1));
  world.AnswerClaimDueIn(Milliseconds(1));
  CHECK(world.UntilClaim() == Milliseconds(10));
}

// For example leases that expired and may not be taken over yet, or rows that another worker locks.
TEST_CASE("what is overdue and was not handed out is not asked for at once again") {
  DispatcherWorld world;
  world.StartClaiming();
  for (int i = 0; i < 5; ++i) {
    world.AnswerClaimDueIn(Milliseconds(-5000));
    CHECK(world.UntilClaim() == seconds(1));
  }
  world.dispatcher.Wake();
  world.AnswerClaim();
  world.AnswerClaimDueIn(Milliseconds(-5000));
  CHECK(world.UntilClaim() <= seconds(1));
}

TEST_CASE("a full quota is refilled when half of it is free, without waiting for the poll") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim(Numbers(1, 20));
  CHECK(world.dispatcher.in_flight() == 10);
  const int claims = world.odoo.Count(Method::kClaim);
  for (int i = 0; i < 9; ++i) world.FinishSend();
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  world.FinishSend();
  CHECK(world.odoo.Count(Method::kClaim) == claims + 1);
}

TEST_CASE("thousands of rows that end without being sent do not pile up on the stack") {
  constexpr int kRows = 5'000;
  DispatcherWorld world;
  world.database.endpoints = {1};
  world.database.concurrency_max = 1;
  world.StartClaiming();
  Json answer = world.ClaimAnswer({}, world.Token());
  for (int n = 1; n <= kRows; ++n) {
    Json row = world.Row(n, world.Token());
    row["queued_at_ms"] = 1000;  // expired long ago
    answer["deliveries"].push_back(std::move(row));
  }
  world.odoo.Take(Method::kClaim).done(answer.dump());
  world.strand.RunReady();
  CHECK(world.transport.count == 0);
  CHECK(world.dispatcher.in_flight() == 0);
  CHECK(world.settler.backlog() == kRows);
}

TEST_CASE("too many bytes to be settled stop claims, twice as many stop sending") {
  DispatcherOptions options = TestOptions();
  options.queues.in_flight_max = 1;
  options.settle_backlog_bytes_max = 700;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim(Numbers(1, 20));
  world.link.OnFault("renew", {RpcFaultKind::kUnreachable, ""});
  for (int i = 0; i < 20 && !world.transport.under_way.empty(); ++i) world.FinishSend();
  CHECK(world.settler.backlog_bytes() > 1400);
  CHECK(world.transport.count >= 2);
  CHECK(world.transport.count < 10);
  const int claims = world.odoo.Count(Method::kClaim);
  world.Recover();
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  world.AnswerSettle();
  CHECK(world.odoo.Count(Method::kClaim) == claims + 1);
  world.AnswerClaim();
  CHECK(world.transport.under_way.size() == 1);  // sending goes on as well
}

TEST_CASE("takeovers are said") {
  DispatcherWorld world;
  world.StartClaiming();
  Json answer = world.ClaimAnswer({}, world.Token());
  answer["interrupted"] = 2;
  answer["poisoned"] = 1;
  world.odoo.Answer(Method::kClaim, answer);
  const auto said = world.log.Named("leases.taken_over");
  REQUIRE(said.size() == 1);
  CHECK(said[0].Get("interrupted") == "2");
  CHECK(said[0].Get("poisoned") == "1");
}

TEST_CASE("without an endpoint to claim for, the configuration is asked for at the poll's pace") {
  DispatcherWorld world;
  world.database.endpoints.clear();
  world.StartAll();
  world.odoo.Answer(Method::kHello, world.Hello());
  world.odoo.Answer(Method::kConfiguration, world.Configuration());
  for (int i = 0; i < 5; ++i) {
    CHECK(world.odoo.Count(Method::kConfiguration) == 2 + i);
    world.odoo.Answer(Method::kConfiguration, world.Envelope({{"unchanged", true}}));
    world.Later(seconds(1));
  }
  CHECK(world.odoo.Count(Method::kClaim) == 0);
  world.database.endpoints = {1};
  world.database.revision = 2;
  world.odoo.Answer(Method::kConfiguration, world.Configuration());
  CHECK(world.UntilClaim() <= seconds(1));
}

TEST_CASE("as much to settle as is allowed does not stop claims") {
  DispatcherOptions options = TestOptions();
  options.settle_backlog_max = 2;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim({1, 2});
  for (int i = 0; i < 2; ++i) world.FinishSend();
  CHECK(world.settler.backlog() == 2);
  const int claims = world.odoo.Count(Method::kClaim);
  world.dispatcher.Wake();
  world.strand.RunReady();
  CHECK(world.odoo.Count(Method::kClaim) == claims + 1);
}

TEST_CASE("a full claim is followed by the next at once") {
  DispatcherOptions options = TestOptions();
  options.claim_batch_max = 5;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim(Numbers(1, 5));
  CHECK(world.UntilClaim() == Milliseconds(0));
  world.AnswerClaim(Numbers(6, 9));
  CHECK(world.UntilClaim() == seconds(1));
}

TEST_CASE("ordinary claims say nothing, a single takeover or poisoning does") {
  DispatcherWorld world;
  world.StartClaiming();
  world.AnswerClaim();
  CHECK(world.log.Named("leases.taken_over").empty());
  for (const char* member : {"interrupted", "poisoned"}) {
    world.log.Clear();
    world.UntilClaim();
    Json answer = world.ClaimAnswer({}, world.Token());
    answer[member] = 1;
    world.odoo.Answer(Method::kClaim, answer);
    CHECK(world.log.Named("leases.taken_over").size() == 1);
  }
}

TEST_CASE("a worker that is full asks nothing until there is room") {
  DispatcherOptions options = TestOptions();
  options.queues.outstanding_max = 10;
  DispatcherWorld world(options);
  world.StartClaiming();
  world.AnswerClaim(Numbers(1, 10));
  const int claims = world.odoo.Count(Method::kClaim);
  const int configurations = world.odoo.Count(Method::kConfiguration);
  for (int i = 0; i < 100; ++i) world.dispatcher.Wake();
  world.Later(seconds(10));
  CHECK(world.odoo.Count(Method::kClaim) == claims);
  CHECK(world.odoo.Count(Method::kConfiguration) == configurations);
  for (int i = 0; i < 5; ++i) world.FinishSend();
  CHECK(world.UntilClaim() <= seconds(5));
  CHECK(world.ClaimRequest().at("limit").get<int>() > 0);
}
