// SPDX-License-Identifier: LGPL-3.0-or-later
// What one endpoint has here: the rows that wait, how many are under way, and what limits them:
// concurrency, rate, circuit breaker, lanes, and a window of claimed rows. Lives on the strand; no
// I/O.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "lib/base/time.h"
#include "lib/delivery/breaker.h"
#include "lib/delivery/finish.h"
#include "lib/delivery/token_bucket.h"
#include "lib/delivery/waiting_rows.h"
#include "lib/model/delivery.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

// What a delivery that ended does to those that wait.
struct AfterFinish {
  std::vector<model::Delivery> give_back;  // they must not be sent now
  Breaker::Change breaker = Breaker::Change::kNone;
  // The rest of its lane may be claimed once it is settled, see WaitingRows::LaneEnd.
  std::optional<std::int64_t> claims_before = std::nullopt;
};

class EndpointQueue {
 public:
  struct Limits {
    int window_max = 500;  // claimed rows
    base::Milliseconds wait_max{5000};
  };

  explicit EndpointQueue(Limits limits) : limits_(limits) {}

  // `workers`: that share its limits. What was sent and how it failed still counts.
  void SetEndpoint(const model::Endpoint& endpoint, bool claimable, int workers,
                   base::SteadyTime now);
  // It is no longer in the configuration.
  void SetGone() { claimable_ = false; }
  void SetWorkers(int workers, base::SteadyTime now);
  void AssumeSentUntil(base::SteadyTime time) { bucket_.AssumeUsedUntil(time); }

  // How many rows may be claimed for it now.
  int Room(base::SteadyTime now) const;
  // Whether Odoo had more than it was given, and half of that is free.
  bool WantsRefill(base::SteadyTime now) const;
  bool has_more() const { return has_more_; }
  // Before the rows are pushed; see EndpointQueues::OnClaimed.
  void OnClaimed(int asked, int came, bool limit_reached);
  std::int64_t claims() const { return claims_; }  // that were answered

  void Push(model::Delivery delivery, base::SteadyTime now);

  // When its next row may start, as far as it depends on this endpoint alone; `now` if it may now.
  // Nothing: not before something comes, or ends.
  std::optional<base::SteadyTime> NextAt(base::SteadyTime now) const;
  bool is_rate_limited() const { return claimable_ && bucket_.is_limited(); }

  // Precondition: NextAt is not later than `now`. The row is under way until exactly one of the
  // next three.
  model::Delivery Pop(base::SteadyTime now);
  AfterFinish Finished(const model::Delivery& delivery, const Finish& finish, base::SteadyTime now);
  AfterFinish Unsent(const model::Delivery& delivery, base::SteadyTime now);
  void PutBack(model::Delivery delivery, base::SteadyTime now);

  std::vector<model::Delivery> TakeAll() { return rows_.TakeAll(); }

  // Whether nothing here needs to be remembered.
  bool IsIdle(base::SteadyTime now) const;

  int under_way() const { return under_way_; }
  int waiting() const { return static_cast<int>(rows_.size()); }
  std::size_t waiting_bytes() const { return rows_.bytes(); }
  const Breaker& breaker() const { return breaker_; }

 private:
  int SmallestWindow() const;
  int Target(base::SteadyTime now) const;
  void Shrink();

  const Limits limits_;
  WaitingRows rows_;
  TokenBucket bucket_;
  Breaker breaker_;
  std::optional<model::RateLimit> rate_limit_;
  int concurrency_configured_ = 1;
  int concurrency_max_ = 1;  // this worker's share
  int window_ = 1;
  int under_way_ = 0;
  std::int64_t claims_ = 0;
  bool claimable_ = false;
  bool has_more_ = false;    // the last claim filled its quota
  bool was_filled_ = false;  // the last claim that brought something did
};

}  // namespace webhook::delivery
