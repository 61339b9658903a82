// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/engine.h"

#include <doctest/doctest.h>

#include "tests/unit/delivery/engine_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;

namespace {

struct World : EngineWorld {
  World() {
    EngineOptions options;
    options.link = LinkOptionsOf();
    options.dispatcher.worker_uid = kWorkerUid;
    options.settler.worker_uid = kWorkerUid;
    options.events.worker_uid = kWorkerUid;
    options.request = {"webhook-worker/0.1.0", 65536};
    engine = std::make_unique<Engine>(options, EnginePorts{strand, clock, random, log, odoo,
                                                           transport, journal, callbacks, secrets});
  }
  void StartReady(const JournalContents& contents = {}) {
    engine->Start(contents, [](const std::string&) {});
    AnswerLink();
    REQUIRE(engine->ready());
  }
  void AnswerClaim(int rows) {
    const Json request = odoo.Pending(Method::kClaim).request;
    const auto server_now = base::ToUnixMs(clock.Now()) + kServerAheadMs;
    Json deliveries = Json::array();
    for (int n = 1; n <= rows; ++n) {
      deliveries.push_back({{"id", n},
                            {"delivery_uid", Uid(n)},
                            {"endpoint_id", 1},
                            {"lease_token", request.at("claim_token")},
                            {"lease_expires_at_ms", server_now + 120000},
                            {"lease_count", 1},
                            {"attempt_count", 0},
                            {"queued_at_ms", server_now},
                            {"http_method", "post"},
                            {"request_body_mode", "json"},
                            {"request_headers", Json::object()},
                            {"payload", "{}"}});
    }
    odoo.Answer(Method::kClaim,
                Envelope({{"deliveries", deliveries}, {"interrupted", 0}, {"poisoned", 0}}));
  }
  void Finish(const HttpResult& result) {
    auto sent = std::move(transport.under_way.front());
    transport.under_way.pop_front();
    sent.done(result);
    strand.RunReady();
  }
  void AnswerSettle() {
    Json results = Json::array();
    for (const Json& item : odoo.Pending(Method::kSettle).request.at("settlements")) {
      results.push_back({{"settlement_uid", item.at("settlement_uid")}, {"status", "applied"}});
    }
    odoo.Answer(Method::kSettle, Envelope({{"results", results}}));
  }
  void Stop(Milliseconds grace) {
    engine->Stop(grace, [this] { stopped_at = clock.SteadyNow(); });
  }

  std::unique_ptr<Engine> engine;
  std::optional<base::SteadyTime> stopped_at;
};

}  // namespace

TEST_CASE("from claim to settlement through the whole engine") {
  World world;
  world.StartReady();
  world.AnswerClaim(2);
  CHECK(world.engine->in_flight() == 2);
  for (int i = 0; i < 2; ++i) world.Finish(HttpReply{200, {}, "", false});
  CHECK(world.engine->settle_backlog() == 2);
  world.Advance(Milliseconds(20));
  world.AnswerSettle();
  CHECK(world.engine->settle_backlog() == 0);
  CHECK(world.Journaled().settlements.empty());
  CHECK(world.Journaled().intents.empty());
}

TEST_CASE("an idle engine stops at once") {
  World world;
  world.StartReady();
  world.AnswerClaim(0);
  world.Stop(seconds(30));
  CHECK(world.stopped_at.has_value());
}

TEST_CASE("stopping waits for what is under way and for its settlements") {
  World world;
  world.StartReady();
  world.AnswerClaim(1);
  world.Stop(seconds(30));
  world.Advance(seconds(1));
  CHECK_FALSE(world.stopped_at.has_value());
  world.Finish(HttpReply{200, {}, "", false});
  world.Advance(seconds(1));
  CHECK_FALSE(world.stopped_at.has_value());
  world.AnswerSettle();
  world.Advance(Milliseconds(50));
  CHECK(world.stopped_at.has_value());
  CHECK_FALSE(world.transport.canceled);
}

TEST_CASE("stopping waits for a claim under way and gives its rows back") {
  World world;
  world.StartReady();
  world.Stop(seconds(30));
  world.Advance(seconds(1));
  CHECK_FALSE(world.stopped_at.has_value());
  world.AnswerClaim(3);
  CHECK(world.transport.count == 0);
  world.Advance(seconds(1));
  CHECK_FALSE(world.stopped_at.has_value());
  world.odoo.Answer(Method::kRelease, world.Envelope({{"released", 3}}));
  world.Advance(Milliseconds(50));
  CHECK(world.stopped_at.has_value());
  CHECK(world.Journaled().claim_tokens.empty());
}

TEST_CASE("after the grace requests are canceled, after twice the grace it is over") {
  World world;
  world.StartReady();
  world.AnswerClaim(1);
  const auto asked_at = world.clock.SteadyNow();
  world.Stop(seconds(5));
  world.Advance(seconds(4));
  CHECK_FALSE(world.transport.canceled);
  world.Advance(seconds(1) + Milliseconds(50));
  CHECK(world.transport.canceled);
  CHECK_FALSE(world.stopped_at.has_value());
  world.Finish(TransportError{TransportErrorKind::kCanceled, "stopped", true});
  world.Advance(seconds(20));  // Odoo never answers the settlement
  REQUIRE(world.stopped_at.has_value());
  CHECK(*world.stopped_at - asked_at >= seconds(10));
  CHECK(*world.stopped_at - asked_at <= seconds(10) + Milliseconds(50));
  CHECK(world.Journaled().settlements.size() == 1);
}

TEST_CASE("an earlier life's intents are settled as interrupted, its settlements as they are") {
  World world;
  JournalContents contents;
  contents.intents = {
      {7, Uid(70), Uid(71), Uid(72), "post", "https://example.com/1", world.clock.Now()}};
  contents.claim_tokens = {Uid(70)};
  world.StartReady(contents);
  CHECK(world.odoo.Pending(Method::kClaim).request.at("claim_token") == Uid(70));
  world.Advance(Milliseconds(20));
  const Json item = world.odoo.Pending(Method::kSettle).request.at("settlements").at(0);
  CHECK(item.at("settlement_uid") == Uid(72));
  CHECK(item.at("outcome") == "interrupted");
}
