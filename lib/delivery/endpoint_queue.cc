// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/endpoint_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "lib/base/assert.h"

namespace webhook::delivery {

using base::Milliseconds;
using base::SteadyTime;

namespace {

// Rows per allowed request of an endpoint that has not shown yet how fast it is.
constexpr int kWindowPerConcurrency = 2;

// A rate-limited endpoint is given what it can send in so long.
constexpr Milliseconds kRateAhead{5000};

}  // namespace

void EndpointQueue::SetEndpoint(const model::Endpoint& endpoint, bool claimable, int workers,
                                SteadyTime now) {
  claimable_ = claimable;
  rate_limit_ = endpoint.rate_limit;
  concurrency_configured_ = endpoint.concurrency_max;
  breaker_.SetSettings(endpoint.breaker.value_or(model::BreakerSettings{}));
  SetWorkers(workers, now);
}

void EndpointQueue::SetWorkers(int workers, SteadyTime now) {
  concurrency_max_ = std::max(1, concurrency_configured_ / workers);
  window_ = std::max(window_, SmallestWindow());
  bucket_.SetLimit(rate_limit_, workers, now);
}

int EndpointQueue::SmallestWindow() const {
  const std::int64_t rows = std::int64_t{kWindowPerConcurrency} * concurrency_max_;
  return static_cast<int>(std::min<std::int64_t>(rows, limits_.window_max));
}

// How many rows it should have here, under way or waiting.
int EndpointQueue::Target(SteadyTime now) const {
  if (!claimable_) return 0;
  if (!breaker_.is_closed()) return breaker_.NextAt(now) == now ? 1 : 0;
  if (!bucket_.is_limited()) return window_;
  return std::min(window_, under_way_ + bucket_.Within(now, kRateAhead));
}

int EndpointQueue::Room(SteadyTime now) const {
  return std::max(0, Target(now) - under_way_ - waiting());
}

bool EndpointQueue::WantsRefill(SteadyTime now) const {
  if (!has_more_) return false;
  const int room = Room(now);
  return room > 0 && room * 2 >= Target(now);
}

void EndpointQueue::OnClaimed(int asked, int came, bool limit_reached) {
  // A queue that was sent empty while Odoo had more could have held more. When nothing came, the
  // full claim that promised more was full of others' rows, or the rest of its lane could not be
  // had yet: that says nothing.
  const bool ran_dry = was_filled_ && rows_.size() == 0 && came > 0 && breaker_.is_closed();
  if (ran_dry) window_ = std::min(limits_.window_max, window_ * 2);
  has_more_ = limit_reached || came >= asked;
  if (came > 0) was_filled_ = has_more_;
  ++claims_;
}

void EndpointQueue::Push(model::Delivery delivery, SteadyTime now) {
  rows_.Push({std::move(delivery), now}, claims_, has_more_);
}

// Of an endpoint that is held or gone the rows leave at once: they are given back.
std::optional<SteadyTime> EndpointQueue::NextAt(SteadyTime now) const {
  if (!rows_.HasNext()) return std::nullopt;
  if (!claimable_) return now;
  if (under_way_ >= concurrency_max_) return std::nullopt;
  const auto breaker = breaker_.NextAt(now);
  const auto token = bucket_.NextAt(now);
  if (!breaker || !token) return std::nullopt;
  return std::max(*breaker, *token);
}

model::Delivery EndpointQueue::Pop(SteadyTime now) {
  WaitingRows::Row row = rows_.Pop();
  if (now - row.since > limits_.wait_max) Shrink();
  ++under_way_;
  bucket_.Take();
  if (claimable_) breaker_.OnStarted(row.delivery.id, now);
  return std::move(row.delivery);
}

void EndpointQueue::Shrink() { window_ = std::max(SmallestWindow(), window_ / 2); }

AfterFinish EndpointQueue::Finished(const model::Delivery& delivery, const Finish& finish,
                                    SteadyTime now) {
  WEBHOOK_ASSERT(under_way_ > 0);
  --under_way_;
  if (finish.receiver == Finish::Receiver::kNotAsked) {
    bucket_.Untake();
  } else {
    bucket_.Ended(now);
  }
  const bool frees_lane = finish.state == model::DeliveryState::kDone ||
                          finish.state == model::DeliveryState::kDeadLetter ||
                          finish.state == model::DeliveryState::kCanceled;
  WaitingRows::LaneEnd lane = rows_.Ended(delivery, frees_lane);
  AfterFinish after{std::move(lane.give_back), Breaker::Change::kNone, lane.claims_before};
  after.breaker = breaker_.OnFinished(delivery.id, finish.receiver, now);
  if (!breaker_.is_closed() && finish.receiver == Finish::Receiver::kFailed) {
    std::vector<model::Delivery> rest = rows_.TakeAll();
    std::move(rest.begin(), rest.end(), std::back_inserter(after.give_back));
  }
  return after;
}

AfterFinish EndpointQueue::Unsent(const model::Delivery& delivery, SteadyTime now) {
  return Finished(delivery, {model::DeliveryState::kQueued, Finish::Receiver::kNotAsked}, now);
}

void EndpointQueue::PutBack(model::Delivery delivery, SteadyTime now) {
  WEBHOOK_ASSERT(under_way_ > 0);
  --under_way_;
  bucket_.Untake();
  breaker_.OnFinished(delivery.id, Finish::Receiver::kNotAsked, now);
  rows_.PutBack({std::move(delivery), now});
}

bool EndpointQueue::IsIdle(SteadyTime now) const {
  return under_way_ == 0 && waiting() == 0 && breaker_.NextAt(now) == now &&
         !bucket_.Remembers(now);
}

}  // namespace webhook::delivery
