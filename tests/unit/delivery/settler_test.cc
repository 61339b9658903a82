// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/settler.h"

#include <doctest/doctest.h>

#include <utility>

#include "tests/unit/delivery/settler_world.h"

using namespace webhook::delivery;

namespace {

using Texts = std::vector<std::string>;

SettlerOptions Batches(std::size_t batch_max) {
  SettlerOptions options;
  options.batch_max = batch_max;
  return options;
}

}  // namespace

TEST_CASE("a settlement is in the journal before it is sent, and forgotten when acknowledged") {
  SettlerWorld world;
  world.StartReady();
  world.settler.Submit(SettlerWorld::Settled(1));
  CHECK(world.settler.backlog() == 1);
  CHECK(world.settler.Holds(Uid(900001), 1));
  CHECK_FALSE(world.settler.Holds(Uid(900001), 2));
  CHECK_FALSE(world.settler.Holds(Uid(900002), 1));
  CHECK(world.Journaled().settlements.empty());
  world.strand.RunReady();
  REQUIRE(world.Journaled().settlements.size() == 1);
  CHECK(world.Journaled().settlements[0].settlement_json ==
        SettlerWorld::Recorded(1).settlement_json);
  CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
  world.Linger();
  CHECK(world.Batch() == std::vector<int>{1});
  CHECK(world.odoo.Pending(Method::kSettle).request.at("worker_uid") == kWorkerUid);
  CHECK(world.settled.empty());
  world.AnswerSettle();
  CHECK(world.settled == Texts{Uid(900001) + "/1"});
  CHECK(world.settler.backlog() == 0);
  CHECK_FALSE(world.settler.Holds(Uid(900001), 1));
  CHECK(world.Journaled().settlements.empty());
}

TEST_CASE("settlements linger to share a call, a full batch does not wait") {
  SettlerWorld world(Batches(3));
  world.StartReady();
  world.Submit(1, 1);
  world.Advance(Milliseconds(19));
  world.Submit(2, 2);
  CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
  world.Advance(Milliseconds(1));
  CHECK(world.Batch() == std::vector<int>{1, 2});
  world.AnswerSettle();
  world.Submit(3, 5);
  CHECK(world.Batch() == std::vector<int>{3, 4, 5});
}

TEST_CASE("every settlement lingers anew") {
  SettlerWorld world;
  world.StartReady();
  for (int n = 1; n <= 3; ++n) {
    world.Submit(n, n);
    world.Advance(Milliseconds(19));
    CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
    world.Advance(Milliseconds(1));
    CHECK(world.Batch() == Numbers(n, n));
    world.AnswerSettle();
  }
}

TEST_CASE("one call at a time; what came meanwhile follows at once, in batches") {
  SettlerWorld world(Batches(4));
  world.StartReady();
  world.Submit(1, 4);
  world.Submit(5, 10);
  world.Advance(seconds(1));
  CHECK(world.odoo.Count(Method::kSettle) == 1);
  CHECK(world.settler.backlog() == 10);
  world.AnswerSettle();
  CHECK(world.Batch() == Numbers(5, 8));
  world.AnswerSettle();
  CHECK(world.Batch() == Numbers(9, 10));
  world.AnswerSettle();
  CHECK(world.settled.size() == 10);
}

TEST_CASE("a batch is limited in bytes, but one settlement always travels") {
  SettlerOptions options;
  options.batch_bytes_max = SettlerWorld::Recorded(1).settlement_json.size() * 2 + 10;
  SettlerWorld world(options);
  world.StartReady();
  world.Submit(1, 5);
  world.Linger();
  CHECK(world.Batch() == Numbers(1, 2));
  world.AnswerSettle();
  CHECK(world.Batch() == Numbers(3, 4));

  options.batch_bytes_max = SettlerWorld::Recorded(1).settlement_json.size() * 2;
  SettlerWorld exact(options);
  exact.StartReady();
  exact.Submit(1, 3);
  exact.Linger();
  CHECK(exact.Batch() == Numbers(1, 2));

  options.batch_bytes_max = 1;
  SettlerWorld narrow(options);
  narrow.StartReady();
  narrow.Submit(1, 2);
  narrow.Linger();
  CHECK(narrow.Batch() == Numbers(1, 1));
  narrow.AnswerSettle();
  CHECK(narrow.Batch() == Numbers(2, 2));
}

TEST_CASE("what an earlier life left is sent when Odoo is there") {
  SettlerWorld world;
  world.Start({SettlerWorld::Recorded(1), SettlerWorld::Recorded(2)});
  CHECK(world.settler.backlog() == 2);
  CHECK(world.settler.Holds(Uid(900002), 2));
  world.Advance(seconds(1));
  CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
  world.AnswerLink();
  CHECK(world.Batch() == Numbers(1, 2));
  world.AnswerSettle([](const Json&) { return Verdict{"already_applied", ""}; });
  CHECK(world.settled.size() == 2);
  CHECK(world.settler.backlog() == 0);
}

TEST_CASE("nothing is sent while the link waits or is held") {
  SettlerWorld world;
  world.StartReady();
  world.link.OnFault("claim", {RpcFaultKind::kUnreachable, ""});
  world.Submit(1, 3);
  world.Advance(Milliseconds(200));
  CHECK(world.odoo.Count(Method::kSettle) == 0);
  world.settler.Pump();
  CHECK(world.odoo.Count(Method::kSettle) == 0);
  world.database.neutralized = true;
  world.Advance(seconds(15));
  world.AnswerLink();
  CHECK(world.link.state() == Link::State::kHeld);
  world.Submit(4, 4);
  world.Advance(seconds(60));
  CHECK(world.odoo.Count(Method::kSettle) == 0);
  world.database.neutralized = false;
  world.Recover();
  CHECK(world.Batch() == Numbers(1, 4));
}

TEST_CASE("already applied and superseded are acknowledged, superseded loudly") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 2);
  world.Linger();
  world.AnswerSettle([](const Json& item) {
    return Verdict{item.at("id") == 1 ? "already_applied" : "superseded", ""};
  });
  CHECK(world.settled.size() == 2);
  CHECK(world.settler.backlog() == 0);
  CHECK(world.Journaled().settlements.empty());
  CHECK(world.SetAside().empty());
  REQUIRE(world.log.Named("settlement.superseded").size() == 1);
  CHECK(world.log.Named("settlement.superseded")[0].Get("id") == "2");
}

TEST_CASE("a conflict is sent again later, nothing is spent") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 3);
  world.Linger();
  world.AnswerSettle([](const Json& item) {
    return Verdict{item.at("id") == 2 ? "conflict" : "applied", ""};
  });
  CHECK(world.settled.size() == 2);
  CHECK(world.settler.backlog() == 1);
  CHECK(world.settler.Holds(Uid(900002), 2));
  CHECK(world.Journaled().settlements.size() == 1);
  world.Advance(Milliseconds(199));
  CHECK(world.odoo.Count(Method::kSettle) == 1);
  for (int i = 0; i < 10; ++i) {  // conflicts are nobody's fault, however many
    world.Advance(Milliseconds(200));
    CHECK(world.Batch() == Numbers(2, 2));
    world.AnswerSettle([](const Json&) { return Verdict{"conflict", ""}; });
  }
  world.Advance(Milliseconds(200));
  world.AnswerSettle();
  CHECK(world.settled.size() == 3);
  CHECK(world.SetAside().empty());
}

TEST_CASE("a delivery that no longer exists is set aside, without a substitute") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 1);
  world.Linger();
  world.AnswerSettle([](const Json&) { return Verdict{"failed", "gone"}; });
  CHECK(world.settled.size() == 1);
  CHECK(world.SetAside() == Texts{Uid(1)});
  CHECK(world.settler.backlog() == 0);
  world.Advance(seconds(10));
  CHECK(world.odoo.Count(Method::kSettle) == 1);
}

TEST_CASE("data that Odoo refuses becomes a visible dead letter in its place") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 2);
  world.Linger();
  world.AnswerSettle([](const Json& item) {
    return item.at("id") == 1 ? Verdict{"failed", "data"} : Verdict{"applied", ""};
  });
  CHECK(world.SetAside() == Texts{Uid(1)});
  CHECK(world.log.Named("settlement.refused").at(0).Get("why") == "Odoo's sentence");
  CHECK(world.settler.Holds(Uid(900001), 1));
  REQUIRE(world.Journaled().settlements.size() == 1);  // the substitute survives a crash too
  const Json sent = world.odoo.Pending(Method::kSettle).request.at("settlements");
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].at("id") == 1);
  CHECK(sent[0].at("lease_token") == Uid(900001));
  CHECK(sent[0].at("settlement_uid") != Uid(1));
  CHECK(sent[0].at("outcome") == "dead_letter");
  CHECK(sent[0].at("state") == "dead_letter");
  CHECK(sent[0].at("failure_reason") == "settlement_refused");
  CHECK(sent[0].at("failure_message").get<std::string>().find(Uid(1)) != std::string::npos);
  CHECK_FALSE(sent[0].contains("attempt"));
  world.AnswerSettle();
  CHECK(world.settler.backlog() == 0);
  CHECK_FALSE(world.settler.Holds(Uid(900001), 1));
  CHECK(world.Journaled().settlements.empty());
}

TEST_CASE("a substitute that is refused as well is set aside for good") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 1);
  world.Linger();
  for (int i = 0; i < 2; ++i) {
    world.AnswerSettle([](const Json&) { return Verdict{"failed", "data"}; });
  }
  CHECK(world.settler.backlog() == 0);
  CHECK(world.SetAside().size() == 2);
  world.Advance(seconds(10));
  CHECK(world.odoo.Count(Method::kSettle) == 2);
}

TEST_CASE("what is held is known by lease, by delivery, by bytes, and whether it is in the call") {
  SettlerWorld world;
  world.StartReady();
  CHECK(world.settler.backlog_bytes() == 0);
  world.Submit(1, 1);
  CHECK(world.settler.Holds(1));
  CHECK_FALSE(world.settler.Holds(2));
  CHECK(world.settler.backlog_bytes() == SettlerWorld::Recorded(1).settlement_json.size());
  CHECK_FALSE(world.settler.IsInFlight(Uid(900001), 1));
  world.Linger();
  CHECK(world.settler.IsInFlight(Uid(900001), 1));
  CHECK_FALSE(world.settler.IsInFlight(Uid(900002), 1));
  CHECK_FALSE(world.settler.IsInFlight(Uid(900001), 2));
  world.AnswerSettle([](const Json&) { return Verdict{"failed", "data"}; });
  CHECK(world.settler.Holds(1));  // the substitute
  world.AnswerSettle();
  CHECK_FALSE(world.settler.Holds(1));
  CHECK(world.settler.backlog_bytes() == 0);
}

TEST_CASE("an answer with the wrong results is no answer: everything is repeated") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 3);
  world.Linger();
  const auto spoil = [&](const std::function<void(Json&)>& change) {
    Json answer = world.Results(world.odoo.Pending(Method::kSettle));
    change(answer["results"]);
    world.odoo.Answer(Method::kSettle, answer);
    CHECK(world.settled.empty());
    CHECK(world.settler.backlog() == 3);
    CHECK(world.Journaled().settlements.size() == 3);
    CHECK(world.log.Named("odoo.waiting").back().Get("fault") == "not_odoo");
    world.Recover();
    CHECK(world.Batch() == Numbers(1, 3));
  };
  spoil([](Json& results) { results.erase(2); });
  spoil([](Json& results) { results = Json::array(); });
  spoil([](Json& results) { results.push_back(results[0]); });
  spoil([](Json& results) { std::swap(results[0], results[2]); });
  spoil([](Json& results) { results[1]["settlement_uid"] = Uid(77); });
  world.odoo.Reply(Method::kSettle, std::string("<html>502</html>"));
  world.Recover();
  CHECK(world.Batch() == Numbers(1, 3));
  world.AnswerSettle();
  CHECK(world.settled.size() == 3);
}

// A copy of the database that answers has applied nothing to ours.
TEST_CASE("an answer from a database that is not ours acknowledges nothing") {
  SettlerWorld world;
  world.StartReady();
  world.Submit(1, 2);
  world.Linger();
  world.Submit(3, 3);
  world.database.fingerprint = kOther;
  world.AnswerSettle();
  CHECK(world.settled.empty());
  CHECK(world.link.state() == Link::State::kHeld);
  CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
  CHECK(world.settler.backlog() == 3);
  CHECK(world.Journaled().settlements.size() == 3);
  world.database.fingerprint = kOurs;
  world.Recover();
  CHECK(world.Batch() == Numbers(1, 3));
  world.AnswerSettle();
  CHECK(world.settled.size() == 3);
  CHECK(world.SetAside().empty());
}

// Neutralized, or no longer confirmed, after the call was committed: it is our database all the
// same.
TEST_CASE("what our database applied before it was held counts") {
  const std::vector<std::function<void(Database&)>> changes = {
      [](Database& database) { database.neutralized = true; },
      [](Database& database) { database.confirmed = false; }};
  for (const auto& change : changes) {
    SettlerWorld world;
    world.StartReady();
    world.Submit(1, 2);
    world.Linger();
    world.Submit(3, 3);
    change(world.database);
    world.AnswerSettle();
    CHECK(world.settled.size() == 2);
    CHECK(world.link.state() == Link::State::kHeld);
    CHECK_FALSE(world.odoo.IsPending(Method::kSettle));
    CHECK(world.settler.backlog() == 1);
    CHECK(world.Journaled().settlements.size() == 1);
  }
}

TEST_CASE("a failed journal is told, and the settlement goes to Odoo all the same") {
  SettlerWorld world({}, {.failing_append = 2});  // the first is the link's memory of the database
  world.StartReady();
  world.Submit(1, 2);
  CHECK(world.journal_failures == 2);
  world.Linger();
  CHECK(world.Batch() == Numbers(1, 2));
  world.AnswerSettle();
  CHECK(world.settled.size() == 2);
  CHECK(world.settler.backlog() == 0);
}

TEST_CASE("two settlements of one lease are held until both are answered") {
  SettlerWorld world;
  world.StartReady();
  auto first = SettlerWorld::Settled(1);
  auto second = SettlerWorld::Settled(1);
  second.settlement_uid = Uid(2);
  world.settler.Submit(first);
  world.settler.Submit(second);
  world.strand.RunReady();
  world.Linger();
  world.AnswerSettle([](const Json& item) {
    return Verdict{item.at("settlement_uid") == Uid(1) ? "applied" : "conflict", ""};
  });
  CHECK(world.settler.Holds(Uid(900001), 1));
  world.Advance(Milliseconds(200));
  world.AnswerSettle();
  CHECK_FALSE(world.settler.Holds(Uid(900001), 1));
}
