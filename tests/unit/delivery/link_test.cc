// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/link.h"

#include <doctest/doctest.h>

#include <set>

#include "lib/delivery/fault_text.h"
#include "tests/unit/delivery/link_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;
using State = Link::State;

namespace {

const std::vector<RpcFaultKind> kAllFaults = {
    RpcFaultKind::kUnreachable,  RpcFaultKind::kUnknown,      RpcFaultKind::kBusy,
    RpcFaultKind::kKeyRefused,   RpcFaultKind::kAccessDenied, RpcFaultKind::kDatabaseMissing,
    RpcFaultKind::kAddonMissing, RpcFaultKind::kRejected,     RpcFaultKind::kNotOdoo};

}  // namespace

TEST_CASE("a link says hello, fetches the configuration and is ready") {
  LinkWorld world;
  world.Start();
  CHECK(world.link.state() == State::kWaiting);
  const Json hello = world.odoo.Pending(Method::kHello).request;
  CHECK(hello.at("worker_uid") == kWorkerUid);
  CHECK(hello.at("name") == "worker-1");
  CHECK(hello.at("wake_address") == "127.0.0.1:4711");
  CHECK(hello.at("journal_healthy") == true);
  world.odoo.Answer(Method::kHello, world.Hello({{"wake_secret", "c2VjcmV0"}}));
  CHECK(world.link.state() == State::kWaiting);
  CHECK(world.link.configuration() == nullptr);
  CHECK_FALSE(world.odoo.Pending(Method::kConfiguration).request.contains("known_revision"));
  world.odoo.Answer(Method::kConfiguration, world.Configuration());
  CHECK(world.link.ready());
  CHECK(world.link.configuration()->endpoints.size() == 2);
  CHECK(world.events == "secret:c2VjcmV0 configuration ready ");
  CHECK(world.log.Named("odoo.ready").size() == 1);
}

TEST_CASE("a ready link says hello now and then, and is told ready once") {
  LinkWorld world;
  world.StartReady();
  for (int i = 0; i < 3; ++i) {
    CHECK(world.UntilHello() == seconds(30));
    world.odoo.Answer(Method::kHello, world.Hello());
  }
  CHECK(world.events == "");
  CHECK(world.odoo.Count(Method::kConfiguration) == 1);
  CHECK(world.log.events().empty());
}

TEST_CASE("while Odoo is away the pauses double from the minimum to the maximum") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    LinkWorld world;
    world.random = base::SeededRandom(seed);
    world.Start();
    Milliseconds whole(1000);
    for (int failure = 1; failure <= 40; ++failure) {
      CAPTURE(failure);
      world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
      const Milliseconds pause = world.UntilHello();
      CHECK(pause >= whole / 2);
      CHECK(pause <= whole);
      CHECK(pause >= Milliseconds(500));
      CHECK(pause <= Milliseconds(15000));
      whole = std::min(whole * 2, Milliseconds(15000));
    }
    world.AnswerLink();
    CHECK(world.link.ready());
    world.link.OnFault("claim", {RpcFaultKind::kUnknown, ""});
    CHECK(world.UntilHello() <= Milliseconds(1000));  // starts again from the minimum
  }
}

TEST_CASE("pauses are spread, so that workers do not come in step") {
  std::set<Milliseconds> pauses;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    LinkWorld world;
    world.random = base::SeededRandom(seed);
    world.Start();
    world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
    pauses.insert(world.UntilHello());
  }
  CHECK(pauses.size() > 10);
}

TEST_CASE("every kind of fault of every method is logged with what to do, and ends by itself") {
  for (const RpcFaultKind kind : kAllFaults) {
    CAPTURE(Spelling(kind));
    LinkWorld world;
    world.Start();
    world.odoo.Fail(Method::kHello, kind);
    CHECK(world.link.state() == State::kWaiting);
    world.UntilHello();
    world.odoo.Answer(Method::kHello, world.Hello());
    world.odoo.Fail(Method::kConfiguration, kind);
    CHECK(world.link.state() == State::kWaiting);
    world.Recover();
    world.link.OnFault("claim", {kind, "detail"});
    CHECK(world.link.state() == State::kWaiting);
    world.Recover();
    const auto waiting = world.log.Named("odoo.waiting");
    REQUIRE(waiting.size() == 3);
    for (const auto& event : waiting) {
      CHECK(event.level == base::Level::kWarning);
      CHECK(event.Get("fault") == Spelling(kind));
      CHECK(event.Get("do") == Advice(kind));
    }
    CHECK(waiting[0].Get("method") == "hello");
    CHECK(waiting[0].Get("detail") == "what happened");
    CHECK(waiting[1].Get("method") == "configuration");
    CHECK(waiting[2].Get("method") == "claim");
    CHECK(world.events == "configuration ready ready ");
  }
}

TEST_CASE("answers that make no sense are the answers of something that is not Odoo") {
  LinkWorld world;
  world.Start();
  world.odoo.Reply(Method::kHello, std::string("<html>"));
  CHECK(world.log.Named("odoo.waiting").at(0).Get("fault") == "not_odoo");
  world.UntilHello();
  world.odoo.Answer(Method::kHello, world.Hello());
  world.odoo.Reply(Method::kConfiguration, std::string("{}"));
  CHECK(world.log.Named("odoo.waiting").at(1).Get("fault") == "not_odoo");
  CHECK(world.link.state() == State::kWaiting);
  world.Recover();
}

TEST_CASE("the configuration is fetched again when its revision changes, while ready") {
  LinkWorld world;
  world.StartReady();
  const auto first = world.link.configuration();
  world.database.revision = 2;
  world.database.endpoints = {1, 2, 3};
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK(world.odoo.Count(Method::kConfiguration) == 2);  // one at a time
  CHECK(world.odoo.Pending(Method::kConfiguration).request.at("known_revision") == 1);
  CHECK(world.link.ready());
  world.odoo.Answer(Method::kConfiguration, world.Configuration());
  CHECK(world.events == "configuration ");
  CHECK(world.link.configuration()->endpoints.size() == 3);
  CHECK(first->endpoints.size() == 2);  // replaced, never changed
  CHECK(world.link.OnEnvelope(world.TheEnvelope()));
  CHECK_FALSE(world.odoo.IsPending(Method::kConfiguration));
}

TEST_CASE("a hello with another revision fetches it; unchanged keeps what is there") {
  LinkWorld world;
  world.StartReady();
  world.UntilHello();
  world.database.revision = 5;
  world.odoo.Answer(Method::kHello, world.Hello());
  CHECK(world.link.ready());
  const auto before = world.link.configuration();
  world.odoo.Answer(Method::kConfiguration, world.Envelope({{"unchanged", true}}));
  CHECK(world.link.configuration() == before);
  CHECK(world.events == "");
}

TEST_CASE("how long the link has been ready starts again after each fault") {
  LinkWorld world;
  world.Start();
  CHECK(world.link.ready_for() == Milliseconds(0));
  world.AnswerLink();
  world.Advance(seconds(12));
  CHECK(world.link.ready_for() == seconds(12));
  world.link.OnFault("renew", {RpcFaultKind::kBusy, ""});
  CHECK(world.link.ready_for() == Milliseconds(0));
  world.Recover();
  CHECK(world.link.ready_for() == Milliseconds(0));
  world.Advance(seconds(1));
  CHECK(world.link.ready_for() == seconds(1));
}

TEST_CASE("a failed journal is told with the next hello") {
  LinkWorld world;
  world.StartReady();
  world.link.OnJournalFailed();
  world.UntilHello();
  CHECK(world.odoo.Pending(Method::kHello).request.at("journal_healthy") == false);
}

TEST_CASE("a stopped link asks nothing more, whatever answers still come") {
  LinkWorld world;
  world.Start();
  world.link.Stop();
  world.odoo.Answer(Method::kHello, world.Hello());
  world.Advance(seconds(3600));
  CHECK(world.odoo.Count(Method::kHello) == 1);
  CHECK(world.odoo.Count(Method::kConfiguration) == 0);
  CHECK(world.events == "");
}

TEST_CASE("faults of several calls of one outage do not multiply hellos") {
  LinkWorld world;
  world.StartReady();
  for (const char* method : {"claim", "renew", "settle"}) {
    world.link.OnFault(method, {RpcFaultKind::kUnreachable, ""});
  }
  world.UntilHello();
  world.Advance(seconds(20));
  CHECK(world.odoo.Count(Method::kHello) == 2);
}

TEST_CASE("a fault during a hello brings no second one beside it") {
  LinkWorld world;
  world.StartReady();
  world.UntilHello();
  world.link.OnFault("claim", {RpcFaultKind::kUnknown, ""});
  world.Advance(seconds(20));
  CHECK(world.odoo.Count(Method::kHello) == 2);
  world.AnswerLink();
  CHECK(world.link.ready());
}

TEST_CASE("the log says for how long Odoo has been away") {
  LinkWorld world;
  world.StartReady();
  world.Advance(seconds(10));
  world.link.OnFault("claim", {RpcFaultKind::kUnknown, ""});
  CHECK(world.log.Named("odoo.waiting").at(0).Get("waiting_ms") == "0");
  const Milliseconds first = world.UntilHello();
  world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  CHECK(world.log.Named("odoo.waiting").at(1).Get("waiting_ms") == std::to_string(first.count()));
  const Milliseconds second = world.UntilHello();
  world.AnswerLink();
  CHECK(world.log.Named("odoo.ready").at(0).Get("waited_ms") ==
        std::to_string((first + second).count()));

  world.database.neutralized = true;
  CHECK_FALSE(world.link.OnEnvelope(world.TheEnvelope()));
  world.database.neutralized = false;
  const Milliseconds held = world.UntilHello();
  world.AnswerLink();
  CHECK(world.log.Named("odoo.ready").at(1).Get("waited_ms") == std::to_string(held.count()));
}
