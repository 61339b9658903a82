// SPDX-License-Identifier: LGPL-3.0-or-later
// Databases that must not be served, and how a hold ends.
#include <doctest/doctest.h>

#include <functional>

#include "lib/delivery/link.h"
#include "tests/unit/delivery/link_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
using State = Link::State;

TEST_CASE("a database that is not ours, or not to be served, holds everything") {
  struct Case {
    const char* name;
    std::function<void(Database&)> change;
    const char* says;
  };
  for (const Case& held :
       std::vector<Case>{{"neutralized", [](Database& d) { d.neutralized = true; }, "neutralized"},
                         {"copy", [](Database& d) { d.confirmed = false; }, "confirm-database"},
                         {"other", [](Database& d) { d.fingerprint = kOther; }, "confirm-database"},
                         {"older", [](Database& d) { d.settlement_number = 99; }, "older"}}) {
    CAPTURE(std::string(held.name));
    LinkWorld world;
    const Database good = world.database;
    held.change(world.database);
    world.Start({{kMetaFingerprint, kOurs}, {kMetaSettlementNumber, "100"}});
    for (int i = 0; i < 3; ++i) {
      world.odoo.Answer(Method::kHello, world.Hello({{"wake_secret", "c2VjcmV0"}}));
      CHECK(world.link.state() == State::kHeld);
      CHECK(world.link.ready_for() == Milliseconds(0));
      CHECK(world.UntilHello() == seconds(30));
    }
    CHECK(world.events == "");
    CHECK(world.odoo.Count(Method::kConfiguration) == 0);
    CHECK(world.Journaled().meta.empty());
    const auto logged = world.log.Named("database.held");
    REQUIRE(logged.size() == 1);  // loud once, not at every hello
    CHECK(logged[0].level == base::Level::kError);
    CHECK(logged[0].Get("reason").find(held.says) != std::string::npos);

    world.database = good;  // neutralization undone, database confirmed, the right one restored
    world.AnswerLink();
    CHECK(world.link.ready());
    CHECK(world.events == "configuration ready ");
  }
}

TEST_CASE("an answer of any method can hold a ready link, and hello ends it by itself") {
  LinkWorld world;
  world.StartReady();
  world.database.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK(world.link.state() == State::kHeld);
  CHECK(world.UntilHello() <= seconds(30));
  world.AnswerLink();
  CHECK(world.link.state() == State::kHeld);
  CHECK(world.log.Named("database.held").size() == 1);
  world.database.neutralized = false;
  world.UntilHello();
  world.AnswerLink();
  CHECK(world.link.ready());
  CHECK(world.events == "ready ");
  world.database.neutralized = true;  // held a second time is said a second time
  CHECK_FALSE(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK(world.log.Named("database.held").size() == 2);
}

TEST_CASE("only a hello ends a hold: a configuration that was under way does not") {
  LinkWorld world;
  world.StartReady();
  world.database.revision = 2;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  const Json before = world.Configuration();  // answered just before the neutralization
  world.database.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(world.TheEnvelope()));
  world.odoo.Answer(Method::kConfiguration, before);
  CHECK(world.link.state() == State::kHeld);
  CHECK(world.events.find("ready") == std::string::npos);
}

TEST_CASE("a fault does not end a hold either, and hello goes on") {
  LinkWorld world;
  world.StartReady();
  world.database.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(world.TheEnvelope()));
  world.UntilHello();
  world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  CHECK(world.link.state() == State::kHeld);
  world.database.neutralized = false;
  CHECK(world.UntilHello() <= seconds(15));
  world.AnswerLink();
  CHECK(world.link.ready());
}

TEST_CASE("a claim answer with a lower settlement number that arrives late holds nothing") {
  LinkWorld world;
  world.StartReady();
  world.database.settlement_number = 150;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  world.database.settlement_number = 101;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK(world.link.ready());
}

TEST_CASE("a hello that was overtaken by a settlement holds nothing") {
  LinkWorld world;
  world.StartReady();
  world.UntilHello();
  const Json overtaken = world.Hello();
  world.database.settlement_number = 150;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  world.odoo.Answer(Method::kHello, overtaken);
  CHECK(world.link.ready());
  CHECK(world.UntilHello() == seconds(30));
  world.odoo.Answer(Method::kHello, overtaken);  // the next one has no excuse
  CHECK(world.link.state() == State::kHeld);
}

TEST_CASE("an incompatible addon holds everything, with its sentence") {
  LinkWorld world;
  world.Start();
  world.odoo.Answer(Method::kHello, world.Hello({{"compatible", false},
                                                 {"incompatible_message", "Upgrade the worker."}}));
  CHECK(world.link.state() == State::kHeld);
  CHECK(world.log.Named("database.held").at(0).Get("reason") == "Upgrade the worker.");
  CHECK(world.odoo.Count(Method::kConfiguration) == 0);
  world.UntilHello();
  world.AnswerLink();
  CHECK(world.link.ready());
}

TEST_CASE("an incompatible addon without a sentence is said all the same") {
  LinkWorld world;
  world.Start();
  world.odoo.Answer(Method::kHello, world.Hello({{"compatible", false}}));
  CHECK(world.link.state() == State::kHeld);
  REQUIRE(world.log.Named("database.held").size() == 1);
  CHECK(world.log.Named("database.held")[0].Get("reason") != "");
}

TEST_CASE("an outage is a failed hello, and is asked for once") {
  LinkWorld world;
  world.StartReady();
  CHECK_FALSE(world.link.TakeOutage());
  world.link.OnFault("settle", {RpcFaultKind::kUnknown, ""});
  world.Recover();
  CHECK_FALSE(world.link.TakeOutage());
  world.link.OnFault("settle", {RpcFaultKind::kUnknown, ""});
  world.UntilHello();
  world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  world.Recover();
  CHECK(world.link.TakeOutage());
  CHECK_FALSE(world.link.TakeOutage());
}

TEST_CASE(
    "the journal remembers the database and the highest number, and it counts after a restart") {
  LinkWorld world;
  world.StartReady();
  CHECK(world.Journaled().meta == std::map<std::string, std::string>{
                                      {kMetaFingerprint, kOurs}, {kMetaSettlementNumber, "100"}});
  world.database.settlement_number = 150;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  world.database.settlement_number = 120;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  world.strand.RunReady();
  CHECK(world.Journaled().meta.at(kMetaSettlementNumber) == "150");
  const auto appends = world.journal.append_count();
  world.database.settlement_number = 150;
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK(world.journal.append_count() == appends);  // nothing new, nothing written

  LinkWorld later;
  later.database.settlement_number = 149;
  later.Start(world.Journaled().meta);
  later.odoo.Answer(Method::kHello, later.Hello());
  CHECK(later.link.state() == State::kHeld);
}

TEST_CASE("a hello that makes no sense is an outage, and so is a database that was held") {
  LinkWorld world;
  world.StartReady();
  world.UntilHello();
  world.odoo.Reply(Method::kHello, std::string("<html>"));
  world.Recover();
  CHECK(world.link.TakeOutage());
  world.database.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(world.TheEnvelope()));
  world.database.neutralized = false;
  world.Recover();
  CHECK(world.link.TakeOutage());
}
