// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/decide.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/assert.h"
#include "lib/base/result.h"

namespace webhook::delivery {
namespace {

using base::Milliseconds;
using model::DeliveryState;
using model::FailureReason;
using model::Transition;

Transition DeadLettered(FailureReason reason, std::string message) {
  Transition transition;
  transition.state = DeliveryState::kDeadLetter;
  transition.failure_reason = reason;
  transition.failure_message = std::move(message);
  return transition;
}

Milliseconds ScheduledDelay(const model::RetryPolicy& policy, int failures) {
  WEBHOOK_ASSERT(!policy.delays.empty() && failures >= 1);
  const auto last = policy.delays.size() - 1;
  return policy.delays[std::min(static_cast<std::size_t>(failures - 1), last)];
}

Milliseconds Jittered(Milliseconds delay, int jitter_percent, double jitter) {
  const double extra = static_cast<double>(delay.count()) * jitter_percent / 100.0 * jitter;
  return delay + Milliseconds(static_cast<Milliseconds::rep>(extra));
}

Milliseconds RetryDelay(const model::RetryPolicy& policy, int failures, const model::Retry& retry,
                        double jitter) {
  if (retry.exactly) return *retry.exactly;
  Milliseconds delay = ScheduledDelay(policy, failures);
  if (retry.after) {
    delay = std::max(delay, std::min<Milliseconds>(*retry.after, policy.retry_after_max));
  }
  return Jittered(delay, policy.jitter_percent, jitter);
}

Transition Expired(const std::string& why, const std::string& last) {
  return DeadLettered(FailureReason::kExpired, fmt::format("{}; last: {}", why, last));
}

Transition Waiting(DeliveryState state, base::WallTime next_attempt_at) {
  Transition transition;
  transition.state = state;
  transition.next_attempt_at = next_attempt_at;
  return transition;
}

Transition DecideRetry(const model::RetryPolicy& policy, const JobHistory& job,
                       const model::Retry& retry, base::WallTime now, double jitter) {
  const int failures = job.attempt_count + 1;
  if (failures >= policy.attempts_max) {
    return DeadLettered(FailureReason::kAttemptsExhausted,
                        fmt::format("attempt {} of {} failed; last: {}", failures,
                                    policy.attempts_max, retry.message));
  }
  const base::WallTime next = now + RetryDelay(policy, failures, retry, jitter);
  if (const auto why = WhyExpired(policy, job, next); !why.empty())
    return Expired(why, retry.message);
  Transition transition = Waiting(DeliveryState::kError, next);
  transition.failure_reason = retry.reason;
  transition.failure_message = retry.message;
  return transition;
}

Transition DecideDeferred(const model::RetryPolicy& policy, const JobHistory& job,
                          const model::Deferred& deferred, base::WallTime now) {
  const base::WallTime next = now + deferred.after;
  if (const auto why = WhyExpired(policy, job, next); !why.empty())
    return Expired(why, deferred.note);
  Transition transition = Waiting(DeliveryState::kQueued, next);
  transition.note = deferred.note;
  return transition;
}

// Our own trouble: it never is the attempt too many; only the age can end it here.
Transition DecideInterrupted(const model::RetryPolicy& policy, const JobHistory& job,
                             const model::Interrupted& interrupted, base::WallTime now) {
  if (const auto why = WhyExpired(policy, job, now); !why.empty())
    return Expired(why, interrupted.message);
  Transition transition = Waiting(DeliveryState::kError, now);
  transition.failure_reason = FailureReason::kInterrupted;
  transition.failure_message = interrupted.message;
  return transition;
}

}  // namespace

std::string WhyExpired(const model::RetryPolicy& policy, const JobHistory& job, base::WallTime at) {
  const base::WallTime too_old_at = job.queued_at + policy.age_max;
  const bool is_own_first = job.expires_at && *job.expires_at <= too_old_at;
  if (is_own_first && at > *job.expires_at) {
    return fmt::format(
        "not delivered before it expired, {} s after it was queued",
        std::chrono::duration_cast<std::chrono::seconds>(*job.expires_at - job.queued_at).count());
  }
  if (at <= too_old_at) return "";
  return fmt::format("not delivered within {} s", policy.age_max.count());
}

model::Transition Decide(const model::RetryPolicy& policy, const JobHistory& job,
                         const model::Outcome& outcome, base::WallTime now, double jitter) {
  return std::visit(
      base::Overloaded{
          [&](const model::Delivered&) {
            Transition transition;
            transition.state = DeliveryState::kDone;
            return transition;
          },
          [&](const model::Retry& retry) { return DecideRetry(policy, job, retry, now, jitter); },
          [&](const model::DeadLetter& dead) { return DeadLettered(dead.reason, dead.message); },
          [&](const model::Canceled& canceled) {
            Transition transition;
            transition.state = DeliveryState::kCanceled;
            transition.note = canceled.note;
            return transition;
          },
          [&](const model::Deferred& deferred) {
            return DecideDeferred(policy, job, deferred, now);
          },
          [&](const model::Interrupted& interrupted) {
            return DecideInterrupted(policy, job, interrupted, now);
          },
      },
      outcome);
}

}  // namespace webhook::delivery
