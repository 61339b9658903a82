// SPDX-License-Identifier: LGPL-3.0-or-later
// Accepted events on their way into Odoo, in fair weather and while Odoo is away.
#include "lib/inbound/ingester.h"

#include <doctest/doctest.h>

#include "tests/unit/ingester/ingester_world.h"

using namespace webhook::inbound;
namespace model = webhook::model;

TEST_CASE("what is in the inbox goes to Odoo in one call, and leaves the inbox when it is there") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 3);
  CHECK(world.Batch() == Numbers(1, 3));
  CHECK(world.Request().at("worker_uid") == webhook::delivery::kWorkerUid);
  CHECK(world.inbox.State().event_count == 3);
  world.Answer();
  world.Advance(Milliseconds(1));
  CHECK(world.inbox.State().event_count == 0);
  CHECK(world.ingested_calls == 1);
  CHECK_FALSE(world.Calling());
}

TEST_CASE("an idle ingester does nothing") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 1);
  world.Answer();
  world.Advance(std::chrono::seconds(20));  // before the next hello
  CHECK(world.odoo.Count(Method::kIngest) == 1);
  CHECK(world.odoo.PendingCount() == 0);
}

TEST_CASE("what an earlier life left is taken up") {
  IngesterWorld world;
  world.Accept(1, 2);
  world.Advance(Milliseconds(1));
  world.StartReady();
  CHECK(world.Batch() == Numbers(1, 2));
}

TEST_CASE("batches are bounded by rows and by bytes, one call at a time, the next one at once") {
  IngesterWorld world(10);
  world.StartReady();
  world.AcceptNow(1, 25);
  CHECK(world.Batch() == Numbers(1, 10));
  CHECK(world.odoo.PendingCount() == 1);
  world.Answer();
  CHECK(world.Batch() == Numbers(11, 20));
  world.Answer();
  CHECK(world.Batch() == Numbers(21, 25));

  IngesterWorld large(500, 5000);
  large.StartReady();
  large.AcceptNow(1, 4, 1, 1500);  // 2000 bytes each, written as base64, and their uids
  CHECK(large.Batch() == Numbers(1, 2));
  large.Answer();
  large.AcceptNow(5, 5, 1, 9000);
  CHECK(large.Batch() == Numbers(3, 4));
  large.Answer();
  CHECK(large.Batch() == Numbers(5, 5));
}

TEST_CASE("what arrives meanwhile goes with the next call, and nothing is sent twice at a time") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 1);
  CHECK(world.Batch() == Numbers(1, 1));
  world.AcceptNow(2, 4);
  CHECK(world.odoo.PendingCount() == 1);
  world.Answer();
  CHECK(world.Batch() == Numbers(2, 4));
}

TEST_CASE("already there and duplicate are as good as new, but wake nobody") {
  for (const char* status : {"already_ingested", "duplicate"}) {
    IngesterWorld world;
    world.StartReady();
    world.AcceptNow(1, 1);
    world.Answer([status](const Json&) { return status; });
    world.Advance(Milliseconds(1));
    CHECK(world.inbox.State().event_count == 0);
    CHECK(world.ingested_calls == 0);
  }
}

TEST_CASE("while Odoo is away events wait on disk, and nobody is blamed") {
  for (const RpcFaultKind kind : {RpcFaultKind::kUnreachable, RpcFaultKind::kBusy}) {
    IngesterWorld world;
    world.StartReady();
    world.AcceptNow(1, 4);
    for (int i = 0; i < 5; ++i) {
      CHECK(world.Batch() == Numbers(1, 4));
      world.FailAndRecover(kind);
    }
    world.AcceptNow(5, 6);
    world.Answer();
    CHECK(world.Batch() == Numbers(5, 6));
  }
}

// The reply was lost because Odoo went away: its content had no part in it.
TEST_CASE("an outage ends without anybody to blame") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 4);
  world.odoo.Fail(Method::kIngest, RpcFaultKind::kUnknown);
  while (!world.odoo.IsPending(Method::kHello)) world.Advance(Milliseconds(100));
  world.odoo.Fail(Method::kHello, RpcFaultKind::kUnreachable);
  world.Recover();
  CHECK(world.Batch() == Numbers(1, 4));
}

TEST_CASE("nothing is sent to a database on hold, and what it answered counts for nothing") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 2);
  world.database.fingerprint = webhook::delivery::kOther;
  world.Answer();
  world.Advance(Milliseconds(1));
  CHECK(world.inbox.State().event_count == 2);
  CHECK_FALSE(world.Calling());
  world.database.fingerprint = webhook::delivery::kOurs;
  world.Recover();
  CHECK(world.Batch() == Numbers(1, 2));
}

TEST_CASE("memory is bounded: what does not fit stays in the inbox") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 5000);
  CHECK(world.queue.size() < 2500);
  int calls = 0;
  for (; world.Calling(); ++calls) world.Answer();
  world.Advance(Milliseconds(1));
  CHECK(calls == 10);
  CHECK(world.inbox.State().event_count == 0);
}

// ---- counts

TEST_CASE(
    "duplicates and rejected requests ride along, also without an event, until Odoo has them") {
  IngesterWorld world;
  world.StartReady();
  world.AcceptNow(1, 1);
  world.Answer();
  world.Accept(1, 1);
  world.Accept(1, 1);
  world.queue.AddRejectedCounts({{7, "signature", 41}});
  world.Settle();
  const Json request = world.Request();
  CHECK(request.at("events").empty());
  CHECK(request.at("duplicates") == Json::array({{{"event_uid", Uid(1)}, {"count", 2}}}));
  CHECK(request.at("rejected_counts") ==
        Json::array({{{"endpoint_id", 7}, {"category", "signature"}, {"count", 41}}}));
  world.odoo.Fail(Method::kIngest, RpcFaultKind::kUnreachable);
  world.queue.AddRejectedCounts({{7, "signature", 1}});
  world.AcceptNow(2, 2);
  world.Recover();
  CHECK(world.Request().at("rejected_counts")[0].at("count") == 42);
  CHECK(world.Request().at("duplicates")[0].at("count") == 2);
  world.queue.AddRejectedCounts({{7, "signature", 5}});  // meanwhile
  world.Answer();
  CHECK(world.Batch() == Numbers(2, 2));
  CHECK(world.Request().at("rejected_counts")[0].at("count") == 5);
  CHECK_FALSE(world.Request().contains("duplicates"));
  world.Answer();
  world.Advance(Milliseconds(1));
  CHECK(world.inbox.contents().duplicates.empty());
  CHECK_FALSE(world.Calling());
}

TEST_CASE("counts that Odoo will not have hold up no event") {
  IngesterWorld world;
  world.StartReady();
  world.queue.AddRejectedCounts({{7, "signature", 41}});
  world.AcceptNow(1, 8);
  world.Drive([](const Json&) { return "ingested"; }, RpcFaultKind::kRejected);  // a first look
  CHECK(world.inbox.State().event_count == 0);

  world.queue.AddRejectedCounts({{8, "signature", 1}});
  world.AcceptNow(11, 18);
  for (int step = 0; step < 400 && world.inbox.State().event_count > 0; ++step) {
    if (!world.Calling()) {
      world.Advance(Milliseconds(100));
      world.AnswerLink();
    } else if (world.Request().contains("rejected_counts")) {
      world.odoo.Fail(Method::kIngest, RpcFaultKind::kRejected);
    } else {
      world.Answer();
      world.Advance(Milliseconds(1));
    }
  }
  CHECK(world.inbox.State().event_count == 0);
  CHECK(world.SetAside().empty());
  CHECK(world.log.Named("counts.dropped").size() == 1);
}
