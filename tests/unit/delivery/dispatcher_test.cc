// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/dispatcher.h"

#include <doctest/doctest.h>

#include <set>

#include "lib/base/uuid.h"
#include "tests/unit/delivery/settler_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace fakes = webhook::fakes;
namespace model = webhook::model;
using Texts = std::vector<std::string>;

namespace {

DispatcherOptions TestOptions() {
  DispatcherOptions options;
  options.worker_uid = kWorkerUid;
  options.lease = seconds(120);
  options.takeover_after = seconds(10);
  return options;
}

// All parts, wired as Engine does it.
struct DispatcherWorld : SettlerWorld {
  explicit DispatcherWorld(DispatcherOptions options = TestOptions(),
                           fakes::JournalFault fault = {0})
      : SettlerWorld({}, fault),
        sender({"webhook-worker/0.1.0", 65536}, clock, random, log, transport, journal, settler),
        dispatcher(std::move(options), strand, clock, random, log, odoo, journal, link, settler,
                   sender) {}

  void StartAll(const JournalContents& contents = {}) {
    const auto failed = [this] { dispatcher.OnJournalFailed(); };
    settler.Start({.on_settled = [this](const std::string& token,
                                        RecordId id) { dispatcher.OnSettled(token, id); },
                   .on_journal_failed = failed},
                  contents.settlements);
    sender.Start(
        {.on_finished = [this](const model::Delivery& d) { dispatcher.OnSendFinished(d); },
         .on_unsent = [this](const model::Delivery& d) { dispatcher.OnUnsent(d); },
         .on_journal_failed = failed,
         .may_send = [this](const model::Delivery& d) { return dispatcher.MayStillSend(d); }});
    dispatcher.Start(contents.claim_tokens);
    link.Start({.on_ready =
                    [this] {
                      settler.OnLinkReady();
                      dispatcher.OnLinkReady();
                    },
                .on_configuration = [this] { dispatcher.OnConfiguration(); },
                .on_wake_secret = [](const std::string&) {}},
               contents.meta);
  }
  // Ready, with the first claim under way.
  void StartClaiming(const JournalContents& contents = {}) {
    StartAll(contents);
    AnswerLink();
    REQUIRE(link.ready());
  }

  Json Row(int id, const std::string& token, RecordId endpoint_id = 1, int lease_s = 120) const {
    const auto server_now = base::ToUnixMs(clock.Now()) + kServerAheadMs;
    return {{"id", id},
            {"delivery_uid", Uid(id)},
            {"endpoint_id", endpoint_id},
            {"lease_token", token},
            {"lease_expires_at_ms", server_now + lease_s * 1000},
            {"lease_count", 1},
            {"attempt_count", 0},
            {"queued_at_ms", server_now},
            {"http_method", "post"},
            {"request_body_mode", "json"},
            {"request_headers", Json::object()},
            {"payload", "{}"}};
  }
  Json ClaimRequest() const { return odoo.Pending(Method::kClaim).request; }
  std::string Token() const { return ClaimRequest().at("claim_token").get<std::string>(); }
  Json ClaimAnswer(const std::vector<int>& ids, const std::string& token, RecordId endpoint_id = 1,
                   int lease_s = 120) const {
    Json rows = Json::array();
    for (const int id : ids) rows.push_back(Row(id, token, endpoint_id, lease_s));
    return Envelope({{"deliveries", rows}, {"interrupted", 0}, {"poisoned", 0}});
  }
  void AnswerClaim(const std::vector<int>& ids = {}, RecordId endpoint_id = 1, int lease_s = 120) {
    odoo.Answer(Method::kClaim, ClaimAnswer(ids, Token(), endpoint_id, lease_s));
  }
  void AnswerClaimDueIn(Milliseconds due_in) {
    Json answer = ClaimAnswer({}, Token());
    answer["next_due_at_ms"] = base::ToUnixMs(clock.Now()) + kServerAheadMs + due_in.count();
    odoo.Answer(Method::kClaim, answer);
  }
  // Time until the next claim leaves; up to a minute. Hellos in between are answered.
  Milliseconds UntilClaim() {
    const auto from = clock.SteadyNow();
    while (!odoo.IsPending(Method::kClaim) && clock.SteadyNow() - from < seconds(60)) {
      REQUIRE(strand.NextDue().has_value());
      strand.AdvanceTo(std::min(*strand.NextDue(), from + seconds(60)));
      if (odoo.IsPending(Method::kHello)) odoo.Answer(Method::kHello, Hello());
    }
    return odoo.IsPending(Method::kClaim) ? odoo.Pending(Method::kClaim).at - from : seconds(60);
  }
  void FinishSend(const HttpResult& result = HttpReply{200, {}, "", false}) {
    REQUIRE_FALSE(transport.under_way.empty());
    auto sent = std::move(transport.under_way.front());
    transport.under_way.pop_front();
    sent.done(result);
    strand.RunReady();
  }
  void Later(Milliseconds by) {  // with hellos answered
    const auto end = clock.SteadyNow() + by;
    while (clock.SteadyNow() < end) {
      strand.AdvanceTo(std::min(end, clock.SteadyNow() + seconds(1)));
      if (odoo.IsPending(Method::kHello)) odoo.Answer(Method::kHello, Hello());
    }
  }
  std::vector<int> Leases(Method method) const {
    std::vector<int> ids;
    for (const Json& lease : odoo.Pending(method).request.at("leases")) {
      ids.push_back(lease.at("id").get<int>());
    }
    return ids;
  }
  Json Renewed(const Json& lost = Json::array()) const { return Envelope({{"lost", lost}}); }

  ScriptedTransport transport;
  Sender sender;
  Dispatcher dispatcher;
};

}  // namespace

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
  CHECK(world.log.Named("lease.lost").at(0).Get("delivery_id") == "2");
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
  other.AnswerClaim({1}, 1, 31);
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

TEST_CASE("what was given back is over when Odoo says so") {
  DispatcherWorld world;
  world.StartClaiming();
  const std::string token = world.Token();
  world.AnswerClaim({1}, 1, 29);
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 1}}));
  for (const auto& other : world.Journaled().claim_tokens) CHECK(other != token);
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
