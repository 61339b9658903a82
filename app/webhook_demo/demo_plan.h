// SPDX-License-Identifier: LGPL-3.0-or-later
// What the demo queues, and where. Pure.
#pragma once

#include <string>
#include <vector>

namespace webhook::demo {

struct PlannedEndpoint {
  std::string code;
  std::string path;  // of the receiver
  int deliveries = 0;
};

// Six in ten to a healthy endpoint, three to a flaky one, one to a dead one. Precondition: at least
// three deliveries in all.
std::vector<PlannedEndpoint> PlanEndpoints(int deliveries);

// Deliveries of one payload, queued in one transaction.
struct Batch {
  std::string endpoint;
  std::string payload;  // JSON, about 1 kB, no two alike
  int copies = 0;
};

// In turns between the endpoints, so that all of them begin at once.
std::vector<Batch> PlanBatches(const std::vector<PlannedEndpoint>& endpoints);

}  // namespace webhook::demo
