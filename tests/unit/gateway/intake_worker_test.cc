// SPDX-License-Identifier: LGPL-3.0-or-later
// Requests that Odoo's own controller took.
#include "lib/inbound/intake_worker.h"

#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "tests/unit/gateway/reception_world.h"

using namespace webhook::inbound;
using webhook::base::Milliseconds;
using webhook::delivery::Json;
using webhook::delivery::Method;
using webhook::delivery::RpcFaultKind;
using webhook::delivery::Uid;

namespace {

struct World : ReceptionWorld {
  // The claim of events says that something waits.
  void SayWaiting() {
    Advance(Milliseconds(2000));
    REQUIRE(odoo.IsEventClaimPending());
    Json answer = EventAnswer();
    answer["intake_waiting"] = true;
    odoo.ReplyEventClaim(answer.dump());
  }
  bool Claiming() const { return odoo.IsPending(Method::kClaim) && Work() == "intake"; }
  std::string Work() const { return odoo.Pending(Method::kClaim).request.value("work", ""); }

  Json Row(int id, const std::string& body, webhook::base::Milliseconds age = Milliseconds(1000),
           int endpoint_id = 1) const {
    return {{"id", id},
            {"event_uid", Uid(id)},
            {"endpoint_id", endpoint_id},
            {"received_at_ms", webhook::base::ToUnixMs(clock.Now() - age)},
            {"http_method", "POST"},
            {"request_url", "https://odoo.example.com/webhooks/in/open?a=1"},
            {"remote_address", "192.0.2.9"},
            {"request_headers", {{"Content-Type", "application/json"}}},
            {"request_body_base64", webhook::base::EncodeBase64(body)}};
  }
  void AnswerIntake(const Json& rows) {
    Json answer = EventAnswer();
    answer["intake"] = rows;
    odoo.Answer(Method::kClaim, answer);
  }
  // Outbound claims are of no interest here.
  void AnswerDeliveries() {
    while (odoo.IsPending(Method::kClaim) && Work() != "intake") {
      odoo.Answer(Method::kClaim, EventAnswer());
    }
  }
  void Waiting() {
    StartReady();
    AnswerDeliveries();
    SayWaiting();
    AnswerDeliveries();
    REQUIRE(Claiming());
  }
  const Json& Ingested(std::size_t index) const {
    return odoo.Pending(Method::kIngest).request.at("events").at(index);
  }
};

}  // namespace

TEST_CASE("rows are claimed when some wait, judged, and ingested with their ids") {
  World world;
  world.Waiting();
  const Json claim = world.odoo.Pending(Method::kClaim).request;
  CHECK(claim.at("quotas").empty());
  world.AnswerIntake({world.Row(11, R"({"n": 1})"), world.Row(12, "{")});
  const Json first = world.Ingested(0);
  CHECK(first.at("intake_id") == 11);
  CHECK(first.at("event_uid") == Uid(11));
  CHECK(first.at("state") == "received");
  CHECK(first.at("identity_source") == "body_sha256");
  CHECK(first.at("query").at("a") == "1");
  CHECK(first.at("remote_address") == "192.0.2.9");
  const Json second = world.Ingested(1);
  CHECK(second.at("intake_id") == 12);
  CHECK(second.at("state") == "rejected");
  CHECK(second.at("rejection_category") == "payload");
  world.AnswerDeliveries();
  REQUIRE(world.Claiming());  // there may be more
  CHECK(world.odoo.Pending(Method::kClaim).request.at("claim_token") != claim.at("claim_token"));
  world.AnswerIntake(Json::array());
  world.AnswerIngest();
  CHECK_FALSE(world.Claiming());
  CHECK(world.inbox.State().event_count == 0);
}

TEST_CASE("what only our configuration keeps from being judged is left for seven days") {
  for (const int endpoint_id : {2, 99}) {  // a draft, a deleted one
    World world;
    world.Waiting();
    const auto days7 = std::chrono::hours(7 * 24);
    world.AnswerIntake({world.Row(11, "{}", days7 - Milliseconds(1), endpoint_id),
                        world.Row(12, "{}", days7, endpoint_id)});
    REQUIRE(world.odoo.Pending(Method::kIngest).request.at("events").size() == 1);
    CHECK(world.Ingested(0).at("intake_id") == 12);
    CHECK(world.Ingested(0).at("rejection_category") == "configuration");
    CHECK(world.Ingested(0).at("request_headers").empty());
    CHECK(world.log.Named("intake.waits").size() == 1);
  }
}

TEST_CASE("a claim whose reply was lost is asked for again under its token") {
  World world;
  world.Waiting();
  const Json claim = world.odoo.Pending(Method::kClaim).request;
  world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
  world.Advance(Milliseconds(1000));
  world.AnswerLink();
  world.AnswerDeliveries();
  REQUIRE(world.Claiming());
  CHECK(world.odoo.Pending(Method::kClaim).request.at("claim_token") == claim.at("claim_token"));
}

TEST_CASE("a row that comes again while it is on its way is not sent twice") {
  World world;
  world.Waiting();
  world.AnswerIntake(Json::array({world.Row(11, "{}")}));
  world.AnswerDeliveries();
  world.AnswerIntake({world.Row(11, "{}"), world.Row(12, R"({"n": 2})")});
  world.AnswerIngest();
  CHECK(world.odoo.Pending(Method::kIngest).request.at("events").size() == 1);
  CHECK(world.Ingested(0).at("intake_id") == 12);
}

// Odoo deletes the row when its event is there, and no inbox has its bytes.
TEST_CASE("what Odoo cannot store of the intake keeps its body") {
  World world;
  world.Waiting();
  world.AnswerIntake(Json::array({world.Row(11, R"({"n": 1})")}));
  for (int strike = 0; strike < 3; ++strike) {
    REQUIRE(world.odoo.IsPending(Method::kIngest));
    REQUIRE(world.Ingested(0).at("state") == "received");
    world.AnswerIngest("failed");
    world.Advance(Milliseconds(1000));
  }
  REQUIRE(world.odoo.IsPending(Method::kIngest));
  const Json bare = world.Ingested(0);
  CHECK(bare.at("rejection_category") == "poison");
  CHECK(bare.at("intake_id") == 11);
  CHECK(bare.at("request_body_base64") == webhook::base::EncodeBase64(R"({"n": 1})"));
  CHECK(bare.at("request_headers").empty());
}

TEST_CASE("a claim of the intake that always fails does not stop the worker") {
  World world;
  world.Waiting();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(world.Claiming());
    world.odoo.Fail(Method::kClaim, RpcFaultKind::kUnknown);
    world.Advance(Milliseconds(1000));
    world.AnswerLink();
    world.AnswerDeliveries();
  }
  CHECK_FALSE(world.Claiming());
  CHECK(world.engine->ready());
  CHECK(world.log.Named("intake.refused").size() == 1);
}
