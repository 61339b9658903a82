// SPDX-License-Identifier: LGPL-3.0-or-later
// Workers that share a rate limit, as the dispatcher of one of them hears of the others.
#include <doctest/doctest.h>

#include <algorithm>

#include "lib/delivery/dispatcher.h"
#include "tests/unit/delivery/dispatcher_world.h"

using namespace webhook::delivery;
namespace base = webhook::base;

namespace {

// Two workers, and no endpoint but one that may be sent 10 in a minute; Odoo has plenty for it.
struct SharedWorld : DispatcherWorld {
  SharedWorld() {
    database.endpoints = {1};
    endpoint_details = {{"rate_limit", {{"count", 10}, {"period_seconds", 60}}}};
    StartClaiming();
  }

  void AnswerOneClaim() {
    const Json request = ClaimRequest();
    int free = 0;
    for (const Json& quota : request.at("quotas")) free += quota.at("free").get<int>();
    std::vector<int> ids;
    for (int n = std::min(free, request.at("limit").get<int>()); n > 0; --n) {
      ids.push_back(++last_id);
    }
    Json answer = ClaimAnswer(ids, Token());
    answer["workers_alive"] = 2;
    ++claims;
    odoo.Answer(Method::kClaim, answer);
  }

  void Second() {
    Later(seconds(1));
    while (!transport.under_way.empty()) FinishSend();
    for (int n = 0; n < 3 && odoo.IsPending(Method::kClaim); ++n) AnswerOneClaim();
    if (odoo.IsPending(Method::kRenew)) odoo.Answer(Method::kRenew, Renewed());
    if (odoo.IsPending(Method::kSettle)) AnswerSettle();
  }

  int last_id = 0;
  int claims = 0;
};

}  // namespace

// A window that is full asks for no rows; without news of the other workers nothing is sent.
TEST_CASE("rows of an endpoint whose limit is shared do not wait for ever") {
  SharedWorld world;
  for (int second = 0; second < 600; ++second) world.Second();
  CHECK(world.transport.count >= 35);  // of its share of 5 in a minute, less the start
  CHECK(world.transport.count <= 50);
}

TEST_CASE("the number of workers is heard every few seconds while nothing may be claimed") {
  SharedWorld world;
  for (int second = 0; second < 30; ++second) world.Second();
  CHECK(world.transport.count == 0);
  CHECK(world.claims >= 5);
  CHECK(world.claims <= 40);
  CHECK(world.UntilClaim() <= seconds(5));
  CHECK(world.ClaimRequest().at("quotas").empty());
  CHECK(world.ClaimRequest().at("limit") == 0);
}
