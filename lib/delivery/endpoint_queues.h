// SPDX-License-Identifier: LGPL-3.0-or-later
// The claimed deliveries that wait for their turn, one queue per endpoint, so that a slow or dead
// endpoint delays nobody else: each has its own concurrency limit and its own window of claimed
// rows. Lives on the strand; no I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "lib/base/time.h"
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

// Whether deliveries of the endpoint may be claimed and sent: it is active and not held, and this
// worker can run its handler.
bool IsClaimable(const HandlerBook& book, const model::Endpoint& endpoint);

class EndpointQueues {
 public:
  explicit EndpointQueues(QueueLimits limits) : limits_(limits) {}

  // Endpoints that are gone or held keep what they have in flight; nothing more is claimed for
  // them.
  void SetConfiguration(const HandlerBook& book);

  // How many rows may be claimed now over all endpoints, at most `limit`.
  int Room(int limit) const;

  // What may be claimed now, at most `limit` rows, starting with another endpoint at each call.
  std::vector<model::Quota> Quotas(int limit);

  // Whether an endpoint that had more waiting in Odoo than it was given is half empty by now.
  bool WantsRefill() const;

  // Before the rows are pushed. `quotas`: what was asked for; `counts`: what came of it, by
  // endpoint; `limit_reached`: the claim was full, so that any endpoint may have more.
  void OnClaimed(const std::vector<model::Quota>& quotas,
                 const std::map<model::RecordId, int>& counts, bool limit_reached);

  void Push(model::Delivery delivery, base::SteadyTime now);

  // The next delivery that may be sent, in turn over the endpoints; it counts as in flight until
  // Finished.
  std::optional<model::Delivery> Pop(base::SteadyTime now);
  void Finished(model::RecordId endpoint_id);

  // Everything that waits, for giving it back.
  std::vector<model::Delivery> TakeAll();

  int in_flight() const { return in_flight_; }
  int outstanding() const { return in_flight_ + queued_; }

 private:
  struct Waiting {
    model::Delivery delivery;
    base::SteadyTime since;
  };
  struct Queue {
    std::deque<Waiting> waiting;
    int in_flight = 0;
    int concurrency_max = 1;
    int window = 1;
    bool claimable = false;
    bool has_more = false;  // the last claim filled its quota
  };

  int Free(const Queue& queue) const;
  bool MayStart(const Queue& queue) const;
  int SmallestWindow(const Queue& queue) const;
  void Shrink(Queue& queue) const;

  const QueueLimits limits_;
  std::map<model::RecordId, Queue> queues_;
  model::RecordId next_quota_ = 0;  // rotation of Quotas
  model::RecordId next_pop_ = 0;    // rotation of Pop
  int in_flight_ = 0;
  int queued_ = 0;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace webhook::delivery
