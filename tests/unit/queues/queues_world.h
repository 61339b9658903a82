// SPDX-License-Identifier: LGPL-3.0-or-later
// A configuration to give to EndpointQueues, and short ways to fill and to drain them.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "lib/delivery/endpoint_queues.h"

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
  // As this worker knows it; it has the native callbacks of `book`.
  void Give(EndpointQueues& queues, base::SteadyTime now = kStart) {
    book.configuration = std::make_shared<const model::Configuration>(configuration);
    queues.SetConfiguration(book, now);
  }

  HandlerBook book = {};
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

inline void Finish200(EndpointQueues& queues, const model::Delivery& delivery,
                      base::SteadyTime at = kStart) {
  queues.Finished(delivery, {model::DeliveryState::kDone, Finish::Receiver::kAnswered}, at);
}
inline void FinishOne(EndpointQueues& queues, RecordId endpoint_id, base::SteadyTime at = kStart) {
  Finish200(queues, Row(endpoint_id), at);
}

// What the endpoint may get now, 0 when it is not in the quotas.
inline int FreeOf(EndpointQueues& queues, RecordId endpoint_id, int limit = 1000,
                  base::SteadyTime at = kStart) {
  for (const model::Quota& quota : queues.Quotas(limit, at)) {
    if (quota.endpoint_id == endpoint_id) return quota.free;
  }
  return 0;
}

inline std::set<RecordId> Asked(EndpointQueues& queues, base::SteadyTime at = kStart) {
  std::set<RecordId> ids;
  for (const model::Quota& quota : queues.Quotas(1000, at)) ids.insert(quota.endpoint_id);
  return ids;
}

// One claim that brought `came` rows for the endpoint, which are sent and finished at once.
inline void ClaimAndDrain(EndpointQueues& queues, RecordId id, int came, bool limit_reached) {
  const auto quotas = queues.Quotas(1000, kStart);
  queues.OnClaimed(quotas, {{id, came}}, limit_reached);
  PushMany(queues, id, came);
  while (auto delivery = queues.Pop(kStart)) Finish200(queues, *delivery);
}

}  // namespace webhook::delivery
