// SPDX-License-Identifier: LGPL-3.0-or-later
// The rate limit of one endpoint, as its receiver measures it: in no window of `period`, wherever
// it begins, do more than `count` requests arrive. A bucket of `count` tokens; each request takes
// one, which comes back one period after the request has ENDED. A request arrives between its start
// and its end, so however long it was on its way, the promise holds; a bucket that is refilled
// evenly lets twice as many through. The price: a receiver that needs long for its answers gets
// count / (period + its answer time).
//
// Workers share a limit by their number: each has count / workers tokens. With fewer tokens than
// workers each has one, for a period stretched to period * workers / count: the mean holds, but in
// one window each worker may send one. A larger share counts at once up to a minute's period (Odoo
// waits as long before it calls a worker dead), else after a whole period.
//
// What happened before this process, or before the endpoint had a limit, is not known:
// AssumeUsedUntil. No token is there for a period (at most a minute) after that. So a longer period
// may see up to twice its count once, over a restart.
//
// Memory: about 600 groups of ended requests, whatever the count; requests that ended within a
// 512th of the period come back together. Pure; total for any input.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "lib/base/time.h"
#include "lib/model/endpoint.h"

namespace webhook::delivery {

class TokenBucket {
 public:
  // A new limit, or another number of workers: what was sent still counts. Nothing: no limit.
  // `workers` is at least 1.
  void SetLimit(const std::optional<model::RateLimit>& limit, int workers, base::SteadyTime now);

  // Requests that nobody here knows of may have ended until then.
  void AssumeUsedUntil(base::SteadyTime time);

  bool is_limited() const { return limit_.has_value(); }

  // When the next token is there, `now` if there is one. Nothing: not before a request has ended.
  std::optional<base::SteadyTime> NextAt(base::SteadyTime now) const;

  void Take() { ++under_way_; }
  // The request that took a token: it ended, or surely was never made. Precondition: Take.
  void Ended(base::SteadyTime now);
  void Untake();

  // How many requests may start until `now + ahead`, if those under way end soon. Precondition:
  // is_limited.
  int Within(base::SteadyTime now, base::Milliseconds ahead) const;

  // Whether anything that was sent still counts.
  bool Remembers(base::SteadyTime now) const;

  std::size_t groups() const { return ended_.size(); }

 private:
  struct Group {
    base::SteadyTime first;
    base::SteadyTime last;
    int count;
  };
  struct Share {
    int tokens;
    base::Milliseconds period;
  };

  Share ShareOf(int workers) const;
  base::SteadyTime BackAt(base::SteadyTime ended) const;
  base::SteadyTime KnownFrom() const;
  void Forget(base::SteadyTime now);
  void ApplyShare(base::SteadyTime now);
  int UsedAt(base::SteadyTime time) const;

  std::optional<model::RateLimit> limit_;
  int workers_ = 1;                              // that share the limit, for now
  int workers_told_ = 1;                         // as told last; fewer count later
  std::optional<base::SteadyTime> fewer_since_;  // since when workers_told_ is as low
  Share share_{0, base::Milliseconds(0)};        // of limit_ and workers_
  std::deque<Group> ended_;                      // oldest first
  int ended_count_ = 0;                          // the sum of ended_
  int under_way_ = 0;
  std::optional<base::SteadyTime> unknown_until_;  // requests that are not in ended_
};

}  // namespace webhook::delivery
