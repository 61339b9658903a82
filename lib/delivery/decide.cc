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

Transition Expired(const model::RetryPolicy& policy, const std::string& last) {
  return DeadLettered(FailureReason::kExpired, fmt::format("not delivered within {} s; last: {}",
                                                           policy.age_max.count(), last));
}

bool IsExpired(const model::RetryPolicy& policy, const JobHistory& job, base::WallTime at) {
  return at - job.queued_at > policy.age_max;
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
  if (IsExpired(policy, job, next)) return Expired(policy, retry.message);
  Transition transition = Waiting(DeliveryState::kError, next);
  transition.failure_reason = retry.reason;
  transition.failure_message = retry.message;
  return transition;
}

Transition DecideDeferred(const model::RetryPolicy& policy, const JobHistory& job,
                          const model::Deferred& deferred, base::WallTime now) {
  const base::WallTime next = now + deferred.after;
  if (IsExpired(policy, job, next)) return Expired(policy, deferred.note);
  Transition transition = Waiting(DeliveryState::kQueued, next);
  transition.note = deferred.note;
  return transition;
}

// Our own trouble: it never is the attempt too many; only the age can end it here.
Transition DecideInterrupted(const model::RetryPolicy& policy, const JobHistory& job,
                             const model::Interrupted& interrupted, base::WallTime now) {
  if (IsExpired(policy, job, now)) return Expired(policy, interrupted.message);
  Transition transition = Waiting(DeliveryState::kError, now);
  transition.failure_reason = FailureReason::kInterrupted;
  transition.failure_message = interrupted.message;
  return transition;
}

}  // namespace

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
