// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/rejection_budget.h"

#include <doctest/doctest.h>

using namespace webhook::inbound;
using webhook::base::Milliseconds;
using webhook::base::SteadyTime;
using Category = RejectionCategory;

TEST_CASE("so many of an endpoint a minute; the others are counted by category") {
  RejectionBudget budget({.per_minute_max = 2});
  const SteadyTime start(Milliseconds(1000));
  CHECK(budget.Take(1, Category::kSignature, start));
  CHECK(budget.Take(1, Category::kPayload, start));
  CHECK_FALSE(budget.has_counts());
  for (int i = 0; i < 3; ++i) CHECK_FALSE(budget.Take(1, Category::kSignature, start));
  CHECK_FALSE(budget.Take(1, Category::kPayload, start + Milliseconds(59'999)));
  CHECK(budget.Take(2, Category::kSignature, start));  // another one has its own
  CHECK(budget.Take(1, Category::kSignature, start + Milliseconds(60'000)));
  budget.Count(3, Category::kConfiguration);
  CHECK(budget.has_counts());
  const auto counts = budget.TakeCounts();
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].endpoint_id == 1);
  CHECK(counts[0].category == "signature");
  CHECK(counts[0].count == 3);
  CHECK(counts[1].category == "payload");
  CHECK(counts[1].count == 1);
  CHECK(counts[2].endpoint_id == 3);
  CHECK(counts[2].category == "configuration");
  CHECK(budget.TakeCounts().empty());
}

TEST_CASE("a budget of nothing counts everything") {
  RejectionBudget budget({.per_minute_max = 0});
  CHECK_FALSE(budget.Take(1, Category::kSignature, {}));
  CHECK(budget.TakeCounts().size() == 1);
}
