// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_queues.h"

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::delivery {
namespace {

// Rows per allowed request of an endpoint that has not shown yet how fast it is.
constexpr int kWindowPerConcurrency = 2;

// Of one claim (claim.schema.json); the rotation brings the others into the next one.
constexpr std::size_t kQuotasMax = 10'000;

// Visits the map's entries in turn, starting at the first key not below `first`.
template <typename Map, typename Visit>
void VisitFrom(Map& map, model::RecordId first, Visit visit) {
  const auto start = map.lower_bound(first);
  for (auto at = start; at != map.end(); ++at) {
    if (!visit(*at)) return;
  }
  for (auto at = map.begin(); at != start; ++at) {
    if (!visit(*at)) return;
  }
}

}  // namespace

bool IsClaimable(const HandlerBook& book, const model::Endpoint& endpoint) {
  if (!endpoint.active || !endpoint.held_reason.empty()) return false;
  if (!book.configuration->retry_policies.contains(endpoint.retry_policy_id)) return false;
  return !endpoint.handler_id || book.CanRun(*endpoint.handler_id);
}

void EndpointQueues::SetConfiguration(const HandlerBook& book) {
  for (auto& [id, queue] : queues_) queue.claimable = false;
  for (const auto& [id, endpoint] : book.configuration->endpoints) {
    Queue& queue = queues_[id];
    queue.claimable = IsClaimable(book, endpoint);
    queue.concurrency_max = endpoint.concurrency_max;
    queue.window = std::max(queue.window, SmallestWindow(queue));
  }
  std::erase_if(queues_, [](const auto& item) {
    const Queue& queue = item.second;
    return !queue.claimable && queue.in_flight == 0 && queue.waiting.empty();
  });
}

int EndpointQueues::SmallestWindow(const Queue& queue) const {
  const std::int64_t rows = std::int64_t{kWindowPerConcurrency} * queue.concurrency_max;
  return static_cast<int>(std::min<std::int64_t>(rows, limits_.window_max));
}

int EndpointQueues::Free(const Queue& queue) const {
  if (!queue.claimable) return 0;
  return queue.window - queue.in_flight - static_cast<int>(queue.waiting.size());
}

int EndpointQueues::Room(int limit) const {
  if (waiting_bytes_ >= limits_.waiting_bytes_max) return 0;
  return std::max(0, std::min(limit, limits_.outstanding_max - outstanding()));
}

std::vector<model::Quota> EndpointQueues::Quotas(int limit) {
  std::vector<model::Quota> quotas;
  const int room = Room(limit);
  if (room == 0) return quotas;
  VisitFrom(queues_, next_quota_, [&](const auto& item) {
    const int free = std::min(Free(item.second), room);
    if (free > 0) quotas.push_back({item.first, free});
    return quotas.size() < kQuotasMax;
  });
  if (quotas.empty()) return quotas;
  const bool cut = quotas.size() == kQuotasMax;
  next_quota_ = (cut ? quotas.back() : quotas.front()).endpoint_id + 1;
  return quotas;
}

bool EndpointQueues::WantsRefill() const {
  return std::any_of(queues_.begin(), queues_.end(), [this](const auto& item) {
    return item.second.has_more && Free(item.second) * 2 >= item.second.window;
  });
}

void EndpointQueues::OnClaimed(const std::vector<model::Quota>& quotas,
                               const std::map<model::RecordId, int>& counts, bool limit_reached) {
  for (const model::Quota& quota : quotas) {
    const auto found = queues_.find(quota.endpoint_id);
    if (found == queues_.end()) continue;
    const auto count = counts.find(quota.endpoint_id);
    const int came = count == counts.end() ? 0 : count->second;
    Queue& queue = found->second;
    // A queue that was sent empty while Odoo had more could have held more. When nothing came,
    // the full claim that promised more was full of others' rows.
    const bool ran_dry = queue.has_more && queue.waiting.empty() && came > 0;
    if (ran_dry) queue.window = std::min(limits_.window_max, queue.window * 2);
    queue.has_more = limit_reached || came >= quota.free;
  }
}

void EndpointQueues::Push(model::Delivery delivery, base::SteadyTime now) {
  Queue& queue = queues_[delivery.endpoint_id];
  waiting_bytes_ += delivery.payload.size();
  queue.waiting.push_back({std::move(delivery), now});
  ++queued_;
}

// A quarter of the slots is kept for endpoints that have nothing under way, and none may take more
// than a quarter: however many endpoints hang, one that answers always gets its turn.
bool EndpointQueues::MayStart(const Queue& queue) const {
  const int quarter = std::max(1, limits_.in_flight_max / 4);
  if (queue.waiting.empty() || queue.in_flight >= queue.concurrency_max) return false;
  if (queue.in_flight == 0) return true;
  return queue.in_flight < quarter && in_flight_ < limits_.in_flight_max - quarter;
}

std::optional<model::Delivery> EndpointQueues::Pop(base::SteadyTime now) {
  std::optional<model::Delivery> popped;
  if (in_flight_ >= limits_.in_flight_max) return popped;
  VisitFrom(queues_, next_pop_, [&](auto& item) {
    Queue& queue = item.second;
    if (!MayStart(queue)) return true;
    if (now - queue.waiting.front().since > limits_.wait_max) Shrink(queue);
    popped = std::move(queue.waiting.front().delivery);
    queue.waiting.pop_front();
    waiting_bytes_ -= popped->payload.size();
    ++queue.in_flight;
    next_pop_ = item.first + 1;
    return false;
  });
  if (popped) {
    ++in_flight_;
    --queued_;
  }
  return popped;
}

void EndpointQueues::Shrink(Queue& queue) const {
  queue.window = std::max(SmallestWindow(queue), queue.window / 2);
}

void EndpointQueues::Finished(model::RecordId endpoint_id) {
  Queue& queue = queues_[endpoint_id];
  WEBHOOK_ASSERT(queue.in_flight > 0 && in_flight_ > 0);
  --queue.in_flight;
  --in_flight_;
}

std::vector<model::Delivery> EndpointQueues::TakeAll() {
  std::vector<model::Delivery> taken;
  for (auto& [id, queue] : queues_) {
    for (Waiting& waiting : queue.waiting) taken.push_back(std::move(waiting.delivery));
    queue.waiting.clear();
  }
  queued_ = 0;
  waiting_bytes_ = 0;
  return taken;
}

}  // namespace webhook::delivery
