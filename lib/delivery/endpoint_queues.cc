// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_queues.h"

#include <algorithm>

#include "lib/base/assert.h"

namespace webhook::delivery {

using base::Milliseconds;
using base::SteadyTime;

namespace {

// Of one claim (claim.schema.json); the rotation brings the others into the next one.
constexpr std::size_t kQuotasMax = 10'000;

// Odoo forgets a worker that it has not seen for a minute. Before that the number of workers is to
// be heard anew, or it is not known to how much this one may send.
constexpr Milliseconds kToldMax{45'000};

// The longest time between two claims, or questions for the number (Claimer), of a worker that sees
// Odoo: so long it takes until all know of a new one.
constexpr Milliseconds kNoticeMax{6'000};

// Visits the entries of a map or set in turn, starting at the first key not below `first`.
template <typename Container, typename Visit>
void VisitFrom(Container& container, model::RecordId first, Visit visit) {
  const auto start = container.lower_bound(first);
  for (auto at = start; at != container.end(); ++at) {
    if (!visit(*at)) return;
  }
  for (auto at = container.begin(); at != start; ++at) {
    if (!visit(*at)) return;
  }
}

}  // namespace

bool IsClaimable(const HandlerBook& book, const model::Endpoint& endpoint) {
  if (!endpoint.active || !endpoint.held_reason.empty()) return false;
  if (!book.configuration->retry_policies.contains(endpoint.retry_policy_id)) return false;
  const auto compiled = book.endpoints.find(endpoint.id);
  if (compiled != book.endpoints.end() && !compiled->second.not_here.empty()) return false;
  return !endpoint.handler_id || book.CanRun(*endpoint.handler_id);
}

// ---- sums and places

// Takes the queue out of the sums, and puts it back as it is afterwards.
class EndpointQueues::Change {
 public:
  Change(EndpointQueues& all, model::RecordId id, Entry& entry, SteadyTime now)
      : all_(all), id_(id), entry_(entry), now_(now) {
    all_.in_flight_ -= entry_.queue.under_way();
    all_.queued_ -= entry_.queue.waiting();
    all_.waiting_bytes_ -= entry_.queue.waiting_bytes();
  }
  ~Change() {
    all_.in_flight_ += entry_.queue.under_way();
    all_.queued_ += entry_.queue.waiting();
    all_.waiting_bytes_ += entry_.queue.waiting_bytes();
    all_.Reindex(id_, entry_, now_);
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

 private:
  EndpointQueues& all_;
  const model::RecordId id_;
  Entry& entry_;
  const SteadyTime now_;
};

EndpointQueues::Entry& EndpointQueues::Get(model::RecordId endpoint_id) {
  const auto found = queues_.find(endpoint_id);
  if (found != queues_.end()) return found->second;
  Entry entry{EndpointQueue({limits_.window_max, limits_.wait_max})};
  if (assumed_sent_until_) entry.queue.AssumeSentUntil(*assumed_sent_until_);
  return queues_.emplace(endpoint_id, std::move(entry)).first->second;
}

void EndpointQueues::Reindex(model::RecordId endpoint_id, Entry& entry, SteadyTime now) {
  if (entry.timed_at) timed_.erase({*entry.timed_at, endpoint_id});
  entry.timed_at.reset();
  const auto at = entry.queue.NextAt(now);
  if (at && *at <= now) {
    ready_.insert(endpoint_id);
    return;
  }
  ready_.erase(endpoint_id);
  if (!at) return;
  entry.timed_at = at;
  timed_.insert({*at, endpoint_id});
}

void EndpointQueues::WakeTimed(SteadyTime now) {
  while (!timed_.empty() && timed_.begin()->first <= now) {
    const model::RecordId id = timed_.begin()->second;
    Reindex(id, queues_.at(id), now);
  }
}

std::optional<SteadyTime> EndpointQueues::NextStartAt() const {
  if (timed_.empty()) return std::nullopt;
  return timed_.begin()->first;
}

// ---- what is known

void EndpointQueues::SetConfiguration(const HandlerBook& book, SteadyTime now) {
  for (auto& [id, entry] : queues_) entry.queue.SetGone();
  for (const auto& [id, endpoint] : book.configuration->endpoints) {
    Get(id).queue.SetEndpoint(endpoint, IsClaimable(book, endpoint), workers_, now);
  }
  std::erase_if(queues_, [&](const auto& item) {
    const bool is_known = book.configuration->endpoints.contains(item.first);
    const bool drop = !is_known && item.second.queue.IsIdle(now);
    if (drop) hungry_.erase(item.first);
    return drop;
  });
  for (auto& [id, entry] : queues_) Reindex(id, entry, now);
}

void EndpointQueues::AssumeSentUntil(SteadyTime time) {
  assumed_sent_until_ = time;
  for (auto& [id, entry] : queues_) entry.queue.AssumeSentUntil(time);
}

void EndpointQueues::SetWorkersAlive(int workers, SteadyTime now) {
  const bool is_new_here = !told_at_ || now - *told_at_ > kToldMax;
  const bool holds_back = is_new_here && workers > 1;
  told_at_ = now;
  if (holds_back) AssumeSentUntil(now + kNoticeMax);
  const bool is_other = workers != workers_;
  workers_ = workers;
  if (!holds_back && !is_other) return;
  for (auto& [id, entry] : queues_) {
    if (is_other) entry.queue.SetWorkers(workers, now);
    Reindex(id, entry, now);
  }
}

bool EndpointQueues::has_rate_limits() const {
  return std::any_of(queues_.begin(), queues_.end(),
                     [](const auto& item) { return item.second.queue.is_rate_limited(); });
}

// ---- claims

int EndpointQueues::Room(int limit) const {
  if (waiting_bytes_ >= limits_.waiting_bytes_max) return 0;
  return std::max(0, std::min(limit, limits_.outstanding_max - outstanding()));
}

std::vector<model::Quota> EndpointQueues::Quotas(int limit, SteadyTime now) {
  std::vector<model::Quota> quotas;
  const int room = Room(limit);
  if (room == 0) return quotas;
  VisitFrom(queues_, next_quota_, [&](const auto& item) {
    const int free = std::min(item.second.queue.Room(now), room);
    if (free > 0) quotas.push_back({item.first, free});
    return quotas.size() < kQuotasMax;
  });
  if (quotas.empty()) return quotas;
  const bool cut = quotas.size() == kQuotasMax;
  next_quota_ = (cut ? quotas.back() : quotas.front()).endpoint_id + 1;
  return quotas;
}

bool EndpointQueues::WantsRefill(SteadyTime now) const {
  return std::any_of(hungry_.begin(), hungry_.end(),
                     [&](model::RecordId id) { return queues_.at(id).queue.WantsRefill(now); });
}

void EndpointQueues::OnClaimed(const std::vector<model::Quota>& quotas,
                               const std::map<model::RecordId, int>& counts, bool limit_reached) {
  for (const model::Quota& quota : quotas) {
    const auto found = queues_.find(quota.endpoint_id);
    if (found == queues_.end()) continue;
    const auto count = counts.find(quota.endpoint_id);
    EndpointQueue& queue = found->second.queue;
    queue.OnClaimed(quota.free, count == counts.end() ? 0 : count->second, limit_reached);
    if (queue.has_more()) {
      hungry_.insert(quota.endpoint_id);
    } else {
      hungry_.erase(quota.endpoint_id);
    }
  }
}

std::int64_t EndpointQueues::ClaimsOf(model::RecordId endpoint_id) const {
  const auto found = queues_.find(endpoint_id);
  return found == queues_.end() ? 0 : found->second.queue.claims();
}

// ---- rows

void EndpointQueues::Push(model::Delivery delivery, SteadyTime now) {
  const model::RecordId id = delivery.endpoint_id;
  Entry& entry = Get(id);
  const Change change(*this, id, entry, now);
  entry.queue.Push(std::move(delivery), now);
}

// A quarter of the slots is kept for endpoints that have nothing under way, and none may take more
// than a quarter: however many endpoints hang, one that answers always gets its turn.
bool EndpointQueues::MayStart(const Entry& entry, SteadyTime now) const {
  const EndpointQueue& queue = entry.queue;
  if (queue.is_rate_limited() && (!told_at_ || now - *told_at_ > kToldMax)) return false;
  if (queue.under_way() == 0) return true;
  const int quarter = std::max(1, limits_.in_flight_max / 4);
  return queue.under_way() < quarter && in_flight_ < limits_.in_flight_max - quarter;
}

std::optional<model::Delivery> EndpointQueues::Pop(SteadyTime now) {
  WakeTimed(now);
  if (in_flight_ >= limits_.in_flight_max) return std::nullopt;
  std::optional<model::RecordId> found;
  VisitFrom(ready_, next_pop_, [&](model::RecordId id) {
    if (MayStart(queues_.at(id), now)) found = id;
    return !found;
  });
  if (!found) return std::nullopt;
  next_pop_ = *found + 1;
  Entry& entry = queues_.at(*found);
  const Change change(*this, *found, entry, now);
  return entry.queue.Pop(now);
}

AfterFinish EndpointQueues::Finished(const model::Delivery& delivery, const Finish& finish,
                                     SteadyTime now) {
  Entry& entry = queues_.at(delivery.endpoint_id);
  const Change change(*this, delivery.endpoint_id, entry, now);
  return entry.queue.Finished(delivery, finish, now);
}

AfterFinish EndpointQueues::Unsent(const model::Delivery& delivery, SteadyTime now) {
  Entry& entry = queues_.at(delivery.endpoint_id);
  const Change change(*this, delivery.endpoint_id, entry, now);
  return entry.queue.Unsent(delivery, now);
}

void EndpointQueues::PutBack(model::Delivery delivery, SteadyTime now) {
  const model::RecordId id = delivery.endpoint_id;
  Entry& entry = queues_.at(id);
  const Change change(*this, id, entry, now);
  entry.queue.PutBack(std::move(delivery), now);
}

std::vector<model::Delivery> EndpointQueues::TakeAll() {
  std::vector<model::Delivery> taken;
  for (auto& [id, entry] : queues_) {
    for (model::Delivery& delivery : entry.queue.TakeAll()) taken.push_back(std::move(delivery));
    if (entry.timed_at) timed_.erase({*entry.timed_at, id});
    entry.timed_at.reset();
  }
  ready_.clear();
  queued_ = 0;
  waiting_bytes_ = 0;
  return taken;
}

const Breaker& EndpointQueues::BreakerOf(model::RecordId endpoint_id) const {
  return queues_.at(endpoint_id).queue.breaker();
}

}  // namespace webhook::delivery
