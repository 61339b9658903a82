// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/token_bucket.h"

#include <algorithm>
#include <cstdint>

#include "lib/base/assert.h"

namespace webhook::delivery {

using base::Milliseconds;
using base::SteadyTime;

namespace {

constexpr int kGroupsPerPeriod = 512;

// For so long at most is a limit kept closed because of what is not known.
constexpr Milliseconds kUnknownMax{60000};

// Odoo counts a worker so long after it was last seen: what it sent is older than that.
constexpr Milliseconds kWorkerSeenMax{60000};

// Clocks are cut to whole milliseconds: one more is surely a whole period later.
constexpr Milliseconds kTick{1};

}  // namespace

void TokenBucket::SetLimit(const std::optional<model::RateLimit>& limit, int workers,
                           SteadyTime now) {
  WEBHOOK_ASSERT(workers >= 1);
  Forget(now);
  limit_ = limit;
  if (workers < workers_told_) fewer_since_ = now;
  workers_told_ = workers;
  ApplyShare(now);
}

// More workers count at once, fewer when what the others sent has left the window.
void TokenBucket::ApplyShare(SteadyTime now) {
  const bool is_short = limit_ && limit_->period <= kWorkerSeenMax;
  const bool is_over = fewer_since_ && limit_ && now - *fewer_since_ > limit_->period;
  if (workers_told_ >= workers_ || !limit_ || is_short || is_over) {
    workers_ = workers_told_;
    fewer_since_.reset();
  }
  if (limit_) share_ = ShareOf(workers_);
}

TokenBucket::Share TokenBucket::ShareOf(int workers) const {
  const int count = std::max(1, limit_->count);
  const Milliseconds period = std::max<Milliseconds>(limit_->period, kTick);
  if (count >= workers) return {count / workers, period};
  return {1, (period * workers + Milliseconds(count - 1)) / count};
}

void TokenBucket::AssumeUsedUntil(SteadyTime time) {
  unknown_until_ = std::max(unknown_until_.value_or(time), time);
}

SteadyTime TokenBucket::BackAt(SteadyTime ended) const { return ended + share_.period + kTick; }

SteadyTime TokenBucket::KnownFrom() const {
  if (!unknown_until_) return SteadyTime::min();
  return *unknown_until_ + std::min(share_.period, kUnknownMax) + kTick;
}

// Of tokens that are back only the time of the last one is kept: a longer period may need it.
void TokenBucket::Forget(SteadyTime now) {
  while (!ended_.empty() && (!limit_ || BackAt(ended_.front().last) <= now)) {
    AssumeUsedUntil(ended_.front().last);
    ended_count_ -= ended_.front().count;
    ended_.pop_front();
  }
}

void TokenBucket::Ended(SteadyTime now) {
  Untake();
  Forget(now);
  if (!limit_) return AssumeUsedUntil(now);
  ApplyShare(now);
  const Milliseconds grain = share_.period / kGroupsPerPeriod;
  if (ended_.empty() || now - ended_.back().first > grain) ended_.push_back({now, now, 0});
  ended_.back().last = std::max(ended_.back().last, now);
  ++ended_.back().count;
  ++ended_count_;
}

void TokenBucket::Untake() {
  WEBHOOK_ASSERT(under_way_ > 0);
  --under_way_;
}

int TokenBucket::UsedAt(SteadyTime time) const {
  int used = under_way_ + ended_count_;
  for (const Group& group : ended_) {
    if (BackAt(group.last) > time) break;
    used -= group.count;
  }
  return used;
}

std::optional<SteadyTime> TokenBucket::NextAt(SteadyTime now) const {
  if (!limit_) return now;
  if (under_way_ >= share_.tokens) return std::nullopt;
  SteadyTime at = std::max(now, KnownFrom());
  int used = under_way_ + ended_count_;
  for (const Group& group : ended_) {
    if (used < share_.tokens) break;
    used -= group.count;
    at = std::max(at, BackAt(group.last));
  }
  return at;
}

// In a time longer than the period each token comes back, whoever has it now.
int TokenBucket::Within(SteadyTime now, Milliseconds ahead) const {
  if (!limit_ || KnownFrom() > now + ahead) return 0;
  std::int64_t tokens = std::max(0, share_.tokens - UsedAt(now + ahead));
  if (share_.period <= ahead) {
    tokens = std::max(tokens, std::int64_t{share_.tokens} * ahead.count() / share_.period.count());
  }
  return static_cast<int>(std::min<std::int64_t>(tokens, 1'000'000));
}

bool TokenBucket::Remembers(SteadyTime now) const {
  if (under_way_ > 0 || UsedAt(now) > 0) return true;
  return unknown_until_ && now < *unknown_until_ + kUnknownMax;
}

}  // namespace webhook::delivery
