// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/summary.h"

#include <doctest/doctest.h>

namespace webhook::demo {
namespace {

DeliveryRow Row(std::int64_t id, std::string endpoint, std::string state, int attempts) {
  DeliveryRow row{.id = id,
                  .delivery_uid = "uid-" + std::to_string(id),
                  .endpoint = std::move(endpoint),
                  .state = std::move(state),
                  .failure_reason = "",
                  .attempts = {}};
  row.attempts.resize(static_cast<std::size_t>(attempts));
  return row;
}

LedgerEntry Request(int id, std::int64_t time_ms, std::string answered) {
  LedgerEntry entry;
  entry.webhook_id = "uid-" + std::to_string(id);
  entry.time_ms = time_ms;
  entry.answered = std::move(answered);
  return entry;
}

TEST_CASE("percentiles") {
  CHECK(Percentile({7}, 50) == 7);
  CHECK(Percentile({3, 1, 2, 4}, 50) == 2);
  CHECK(Percentile({3, 1, 2, 4}, 95) == 4);
}

TEST_CASE("figures of a run") {
  const Summary summary =
      Summarize({"well", "ill"},
                {Row(1, "well", "done", 1), Row(2, "well", "done", 2),
                 Row(3, "ill", "dead_letter", 2), Row(4, "ill", "error", 1)},
                {Request(1, 1100, "200"), Request(2, 1200, "503"), Request(3, 1300, "500"),
                 Request(2, 3000, "200"), Request(3, 3100, "500"), Request(4, 3200, "500")},
                {{1, 1000}, {2, 1000}, {3, 1000}, {4, 1000}});
  REQUIRE(summary.endpoints.size() == 2);
  const EndpointSummary& well = summary.endpoints[0];
  CHECK(well.queued == 2);
  CHECK(well.delivered == 2);
  CHECK(well.retried == 1);
  CHECK(well.requests == 3);
  CHECK(well.p50_ms == 100);
  CHECK(well.p95_ms == 2000);
  const EndpointSummary& ill = summary.endpoints[1];
  CHECK(ill.dead_letters == 1);
  CHECK(ill.unfinished == 1);
  CHECK(ill.requests == 3);
  CHECK_FALSE(ill.p50_ms.has_value());
  CHECK(summary.total.queued == 4);
  CHECK(summary.total.requests == 6);
  CHECK(summary.requests_per_second_max == 3);
  CHECK(summary.healthy_ms == 2000);
}

}  // namespace
}  // namespace webhook::demo
