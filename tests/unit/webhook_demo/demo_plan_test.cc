// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/demo_plan.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace webhook::demo {
namespace {

TEST_CASE("every delivery is planned, for every endpoint, with payloads of their own") {
  for (const int deliveries : {3, 4, 10, 200, 1000, 1234}) {
    CAPTURE(deliveries);
    const auto endpoints = PlanEndpoints(deliveries);
    std::map<std::string, int> queued;
    std::set<std::string> payloads;
    const auto batches = PlanBatches(endpoints);
    for (const Batch& batch : batches) {
      queued[batch.endpoint] += batch.copies;
      payloads.insert(batch.payload);
    }
    CHECK(payloads.size() == batches.size());
    int total = 0;
    for (const PlannedEndpoint& endpoint : endpoints) {
      CHECK(endpoint.deliveries > 0);
      CHECK(queued[endpoint.code] == endpoint.deliveries);
      total += endpoint.deliveries;
    }
    CHECK(total == deliveries);
  }
}

TEST_CASE("1,000 are 600, 300 and 100") {
  const auto endpoints = PlanEndpoints(1000);
  REQUIRE(endpoints.size() == 3);
  CHECK(endpoints[0].deliveries == 600);
  CHECK(endpoints[1].deliveries == 300);
  CHECK(endpoints[2].deliveries == 100);
}

}  // namespace
}  // namespace webhook::demo
