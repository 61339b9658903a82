// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/demo_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace webhook::demo {
namespace {

constexpr int kBatches = 10;  // of an endpoint, at most

// An order as a shop would tell it.
std::string Payload(const std::string& endpoint, int number) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (int i = 1; i <= 6; ++i) {
    lines.push_back({{"product", fmt::format("Article {:04}", number * 7 + i)},
                     {"quantity", i},
                     {"price_unit", 10 * i + number % 10},
                     {"description", "Chaise à bascule, größe M, 標準色"},
                     {"taxes", {"VAT 20%"}}});
  }
  const nlohmann::ordered_json order = {
      {"event", "sale.order.confirmed"},
      {"order", {{"name", fmt::format("S{:05}", number)}, {"partner", "Deco Addict"}}},
      {"endpoint", endpoint},
      {"lines", lines}};
  return order.dump();
}

}  // namespace

std::vector<PlannedEndpoint> PlanEndpoints(int deliveries) {
  const int dead = std::max(1, deliveries / 10);
  const int flaky = std::max(1, deliveries * 3 / 10);
  return {{"healthy", "/healthy", deliveries - flaky - dead},
          {"flaky", "/flaky", flaky},
          {"dead", "/dead", dead}};
}

std::vector<Batch> PlanBatches(const std::vector<PlannedEndpoint>& endpoints) {
  std::vector<Batch> batches;
  for (int turn = 0; turn < kBatches; ++turn) {
    for (const PlannedEndpoint& endpoint : endpoints) {
      const int before = endpoint.deliveries * turn / kBatches;
      const int copies = endpoint.deliveries * (turn + 1) / kBatches - before;
      if (copies > 0) {
        batches.push_back({endpoint.code, Payload(endpoint.code, before + 1), copies});
      }
    }
  }
  return batches;
}

}  // namespace webhook::demo
