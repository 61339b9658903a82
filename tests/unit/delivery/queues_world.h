// SPDX-License-Identifier: LGPL-3.0-or-later
// A configuration to give to EndpointQueues, and short ways to fill and to drain them.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "lib/delivery/endpoint_queues.h"
#include "tests/fakes/fake_secrets.h"

namespace webhook::delivery {

using base::Milliseconds;
using model::RecordId;

inline const base::SteadyTime kStart{Milliseconds(1000)};

// A configuration of endpoints 1..n, changed by the tests.
struct QueuesWorld {
  model::Configuration configuration;

  explicit QueuesWorld(int endpoints = 0, int concurrency_max = 10) {
    configuration.retry_policies[1].id = 1;
    for (int id = 1; id <= endpoints; ++id) Add(id, concurrency_max);
  }
  model::Endpoint& Add(RecordId id, int concurrency_max = 10) {
    model::Endpoint& endpoint = configuration.endpoints[id];
    endpoint.id = id;
    endpoint.active = true;
    endpoint.retry_policy_id = 1;
    endpoint.concurrency_max = concurrency_max;
    return endpoint;
  }
  void Give(EndpointQueues& queues) const {
    fakes::FakeSecrets secrets;
    queues.SetConfiguration(*MakeHandlerBook(
        std::make_shared<const model::Configuration>(configuration), {}, secrets, {}));
  }
};

inline model::Delivery Row(RecordId endpoint_id, RecordId id = 1) {
  model::Delivery delivery;
  delivery.id = id;
  delivery.endpoint_id = endpoint_id;
  return delivery;
}

inline void PushMany(EndpointQueues& queues, RecordId endpoint_id, int count,
                     base::SteadyTime at = kStart) {
  for (int i = 0; i < count; ++i) queues.Push(Row(endpoint_id, i + 1), at);
}

inline std::vector<RecordId> PopAll(EndpointQueues& queues, base::SteadyTime at = kStart) {
  std::vector<RecordId> endpoints;
  while (auto delivery = queues.Pop(at)) endpoints.push_back(delivery->endpoint_id);
  return endpoints;
}

// What the endpoint may get now, 0 when it is not in the quotas.
inline int FreeOf(EndpointQueues& queues, RecordId endpoint_id, int limit = 1000) {
  for (const model::Quota& quota : queues.Quotas(limit)) {
    if (quota.endpoint_id == endpoint_id) return quota.free;
  }
  return 0;
}

inline std::set<RecordId> Asked(EndpointQueues& queues) {
  std::set<RecordId> ids;
  for (const model::Quota& quota : queues.Quotas(1000)) ids.insert(quota.endpoint_id);
  return ids;
}

// One claim that brought `came` rows for the endpoint, which are sent and finished at once.
inline void ClaimAndDrain(EndpointQueues& queues, RecordId id, int came, bool limit_reached) {
  const auto quotas = queues.Quotas(1000);
  queues.OnClaimed(quotas, {{id, came}}, limit_reached);
  PushMany(queues, id, came);
  while (auto delivery = queues.Pop(kStart)) queues.Finished(delivery->endpoint_id);
}

}  // namespace webhook::delivery
