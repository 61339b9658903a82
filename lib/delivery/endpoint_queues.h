// SPDX-License-Identifier: LGPL-3.0-or-later
// The claimed deliveries that wait for their turn, one queue per endpoint, so that a slow or dead
// endpoint delays nobody else. Lives on the strand; no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/delivery/endpoint_queue.h"
#include "lib/delivery/handler_book.h"
#include "lib/model/contract.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

struct QueueLimits {
  std::size_t waiting_bytes_max = 256U << 20;  // of payloads of rows that wait
  int in_flight_max = 1024;                    // requests under way, all endpoints
  int window_max = 500;                        // claimed rows of one endpoint
  int outstanding_max = 4000;                  // claimed rows, all endpoints
  base::Milliseconds wait_max{
      5000};  // a row that waited longer makes its endpoint's window smaller
};

// Whether deliveries of the endpoint may be claimed and sent: it is active and not held, this
// worker can run its handler, and has what it takes to send (its secrets, say).
bool IsClaimable(const HandlerBook& book, const model::Endpoint& endpoint);

class EndpointQueues {
 public:
  explicit EndpointQueues(QueueLimits limits) : limits_(limits) {}

  // Endpoints that are gone or held keep what they have in flight; nothing more is claimed for
  // them. What was sent to them still counts for their limits.
  void SetConfiguration(const HandlerBook& book, base::SteadyTime now);

  // Another process may have sent up to their limits until then, to all endpoints.
  void AssumeSentUntil(base::SteadyTime time);

  // How many workers share the limits of all endpoints, as Odoo just said. A worker that appears
  // among others, or that did not hear of Odoo for long, holds back rate-limited endpoints until
  // the others must know of it.
  void SetWorkersAlive(int workers, base::SteadyTime now);
  // Whether that number matters: without news of it nothing is sent to rate-limited endpoints.
  bool has_rate_limits() const;

  // How many rows may be claimed now over all endpoints, at most `limit`.
  int Room(int limit) const;

  // What may be claimed now, at most `limit` rows, starting with another endpoint at each call.
  std::vector<model::Quota> Quotas(int limit, base::SteadyTime now);

  // Whether an endpoint that had more waiting in Odoo than it was given is half empty by now.
  bool WantsRefill(base::SteadyTime now) const;

  // Before the rows are pushed. `quotas`: what was asked for; `counts`: what came of it, by
  // endpoint; `limit_reached`: the claim was full, so that any endpoint may have more.
  void OnClaimed(const std::vector<model::Quota>& quotas,
                 const std::map<model::RecordId, int>& counts, bool limit_reached);
  std::int64_t ClaimsOf(model::RecordId endpoint_id) const;  // that were answered

  void Push(model::Delivery delivery, base::SteadyTime now);

  // The next delivery that may be sent, in turn over the endpoints; it counts as in flight until
  // exactly one of the following three.
  std::optional<model::Delivery> Pop(base::SteadyTime now);
  AfterFinish Finished(const model::Delivery& delivery, const Finish& finish, base::SteadyTime now);
  // It was surely not sent, and will not be by us.
  AfterFinish Unsent(const model::Delivery& delivery, base::SteadyTime now);
  // It waits again, before all others. Of several the last one popped comes first.
  void PutBack(model::Delivery delivery, base::SteadyTime now);

  // When something may start that must wait now for its endpoint's rate or breaker; nothing when
  // there is none.
  std::optional<base::SteadyTime> NextStartAt() const;

  // Everything that waits, for giving it back.
  std::vector<model::Delivery> TakeAll();

  int in_flight() const { return in_flight_; }
  int outstanding() const { return in_flight_ + queued_; }
  const Breaker& BreakerOf(model::RecordId endpoint_id) const;  // precondition: it is here

 private:
  struct Entry {
    EndpointQueue queue;
    std::optional<base::SteadyTime> timed_at = std::nullopt;  // its key in timed_
  };
  // Keeps the sums, and where the endpoint stands, after a change of its queue.
  class Change;

  Entry& Get(model::RecordId endpoint_id);
  void Reindex(model::RecordId endpoint_id, Entry& entry, base::SteadyTime now);
  void WakeTimed(base::SteadyTime now);
  bool MayStart(const Entry& entry, base::SteadyTime now) const;

  const QueueLimits limits_;
  std::map<model::RecordId, Entry> queues_;
  std::set<model::RecordId> ready_;  // may start as far as they themselves are concerned
  std::set<std::pair<base::SteadyTime, model::RecordId>> timed_;  // may start then
  std::set<model::RecordId> hungry_;  // had more in Odoo than they were given
  model::RecordId next_quota_ = 0;    // rotation of Quotas
  model::RecordId next_pop_ = 0;      // rotation of Pop
  int in_flight_ = 0;
  int queued_ = 0;
  std::size_t waiting_bytes_ = 0;
  int workers_ = 1;
  std::optional<base::SteadyTime> told_at_;  // of workers_
  std::optional<base::SteadyTime> assumed_sent_until_;
};

}  // namespace webhook::delivery
