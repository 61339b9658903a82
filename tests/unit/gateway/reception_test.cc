// SPDX-License-Identifier: LGPL-3.0-or-later
// The inbound half inside an engine: configurations, snapshots, hello, findings, events on their
// way, and the end.
#include "lib/inbound/reception.h"

#include <doctest/doctest.h>

#include "tests/unit/gateway/reception_world.h"

using namespace webhook::inbound;
using webhook::base::Milliseconds;
using webhook::delivery::Json;
using webhook::delivery::Method;
using webhook::delivery::RpcFaultKind;

TEST_CASE("the gateway accepts by the snapshot of an earlier life, before Odoo was seen") {
  ReceptionWorld first;
  first.StartReady();
  first.Advance(Milliseconds(1));
  const std::string snapshot = first.inbox.contents().snapshot;
  CHECK(Json::parse(snapshot).at("configuration").at("inbound_endpoints").size() == 2);

  webhook::fakes::InboxContents contents;
  contents.snapshot = snapshot;
  ReceptionWorld second(contents);
  CHECK(second.Ask("open") == 503);
  second.Start();
  CHECK(second.Ask("open") == 202);
  CHECK(second.Ask("draft") == 404);
  CHECK_FALSE(second.engine->ready());
  CHECK(second.odoo.Count(Method::kIngest) == 0);
  second.AnswerLink();
  CHECK(second.odoo.Count(Method::kIngest) == 1);
}

TEST_CASE("a snapshot that cannot be read is no reason not to start") {
  webhook::fakes::InboxContents contents;
  contents.snapshot = "{}";
  ReceptionWorld world(contents);
  world.Start();
  CHECK(world.Ask("open") == 503);
  CHECK(world.log.Named("snapshot.unreadable").size() == 1);
  world.AnswerLink();
  CHECK(world.Ask("open") == 202);
}

TEST_CASE("an accepted event is on its way to Odoo as soon as it is stored, then it is claimed") {
  ReceptionWorld world;
  world.StartReady();
  world.Advance(Milliseconds(100));
  world.AnswerLink();
  const auto before = world.clock.SteadyNow();
  CHECK(world.Ask("open") == 202);
  REQUIRE(world.odoo.IsPending(Method::kIngest));
  CHECK(world.odoo.Pending(Method::kIngest).at - before <= Milliseconds(20));
  CHECK_FALSE(world.odoo.IsEventClaimPending());
  world.AnswerIngest();
  CHECK(world.odoo.IsEventClaimPending());
}

TEST_CASE("hello tells of the inbox and the gateway") {
  ReceptionWorld world;
  world.Start();
  const Json hello = world.odoo.Pending(Method::kHello).request;
  CHECK(hello.at("gateway_url") == "https://hooks.example.com");
  CHECK(hello.at("inbox").at("event_count") == 0);
  CHECK(hello.at("inbox").at("healthy") == true);
}

TEST_CASE("what is wrong with inbound endpoints is in the report, drafts too") {
  ReceptionWorld world;
  world.inbound_details = {{"auth", {{"mode", "bearer"}}}};  // without a token
  world.Start();
  world.strand.RunReady();
  world.odoo.Answer(Method::kHello, world.Hello());
  world.odoo.Answer(Method::kConfiguration, world.InboundConfiguration());
  REQUIRE(world.odoo.IsPending(Method::kReportFindings));
  const Json report = world.odoo.Pending(Method::kReportFindings).request;
  int inbound = 0;
  for (const Json& finding : report.at("findings")) {
    if (finding.dump().find("bwt.webhook.inbound.endpoint") != std::string::npos) ++inbound;
  }
  CHECK(inbound == 2);
  CHECK(world.Ask("open") == 503);
}

TEST_CASE("counts are reported some seconds later, together, and only then") {
  ReceptionWorld world;
  world.StartReady();
  for (int i = 0; i < 40; ++i) world.Ask("open", "{");  // 30 of them are recorded
  world.AnswerIngest();
  world.AnswerIngest();
  for (int i = 0; i < 3; ++i) world.Ask("open", "{");
  CHECK_FALSE(world.odoo.IsPending(Method::kIngest));
  world.Advance(std::chrono::seconds(6));
  const Json request = world.odoo.Pending(Method::kIngest).request;
  CHECK(request.at("events").empty());
  CHECK(request.at("rejected_counts")[0].at("count") == 13);
}

TEST_CASE("the end waits for the call under way, and starts no other") {
  ReceptionWorld world;
  world.StartReady();
  CHECK(world.Ask("open", R"({"n": 1})") == 202);
  bool stopped = false;
  while (world.odoo.IsPending(Method::kClaim)) {
    world.odoo.Answer(Method::kClaim, world.EventAnswer());
  }
  world.engine->Stop(std::chrono::seconds(10), [&] { stopped = true; });
  CHECK(world.Ask("open", R"({"n": 2})") == 202);  // on disk for the next life
  world.Advance(std::chrono::seconds(2));
  CHECK_FALSE(stopped);
  world.AnswerIngest();
  world.Advance(std::chrono::seconds(1));
  CHECK(stopped);
  CHECK(world.inbox.State().event_count == 1);
  CHECK(world.odoo.Count(Method::kIngest) == 1);
}
