// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/decide.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "lib/base/random.h"
#include "lib/base/result.h"

using namespace webhook::model;
using webhook::delivery::Decide;
using webhook::delivery::JobHistory;
namespace base = webhook::base;
using base::Milliseconds;
using base::WallTime;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

const WallTime kNow = base::FromUnixMs(1767225600000);

RetryPolicy Policy() {
  RetryPolicy policy;
  policy.delays = {seconds(5), seconds(300), seconds(1800)};
  policy.attempts_max = 5;
  policy.age_max = hours(24);
  policy.jitter_percent = 20;
  policy.retry_after_max = hours(2);
  return policy;
}

JobHistory History(int attempt_count, Milliseconds age = Milliseconds(0)) {
  return {attempt_count, kNow - age};
}

Retry Failed(std::optional<Milliseconds> after = std::nullopt) {
  return {FailureReason::kHttpStatus, "the receiver answered HTTP 503", after};
}

std::string Said(const Transition& transition) { return transition.failure_message; }

struct Expected {
  DeliveryState state;
  std::optional<Milliseconds> next_in;
  std::optional<FailureReason> reason;
};

struct Row {
  const char* name;
  RetryPolicy policy;
  JobHistory job;
  Outcome outcome;
  double jitter;
  Expected expected;
};

RetryPolicy With(void (*change)(RetryPolicy&)) {
  RetryPolicy policy = Policy();
  change(policy);
  return policy;
}

std::vector<Row> Table() {
  using S = DeliveryState;
  using R = FailureReason;
  const auto one_try = With([](RetryPolicy& p) { p.attempts_max = 1; });
  const auto no_jitter = With([](RetryPolicy& p) { p.jitter_percent = 0; });
  const auto at_once = With([](RetryPolicy& p) { p.delays = {seconds(0)}; });
  const auto no_hint = With([](RetryPolicy& p) { p.retry_after_max = seconds(0); });
  const DeadLetter dead{R::kEndpointGone, "the receiver answered HTTP 410"};
  return {
      {"delivered", Policy(), History(0), Delivered{}, 0.5, {S::kDone, {}, {}}},
      {"delivered at the last try", Policy(), History(4), Delivered{}, 0, {S::kDone, {}, {}}},
      {"delivered too late is delivered",
       Policy(),
       History(9, hours(99)),
       Delivered{},
       0,
       {S::kDone, {}, {}}},
      {"first failure", Policy(), History(0), Failed(), 0, {S::kError, seconds(5), R::kHttpStatus}},
      {"second failure",
       Policy(),
       History(1),
       Failed(),
       0,
       {S::kError, seconds(300), R::kHttpStatus}},
      {"third failure",
       Policy(),
       History(2),
       Failed(),
       0,
       {S::kError, seconds(1800), R::kHttpStatus}},
      {"the last delay repeats",
       Policy(),
       History(3),
       Failed(),
       0,
       {S::kError, seconds(1800), R::kHttpStatus}},
      {"exhausted", Policy(), History(4), Failed(), 0, {S::kDeadLetter, {}, R::kAttemptsExhausted}},
      {"exhausted long ago",
       Policy(),
       History(400),
       Failed(),
       0,
       {S::kDeadLetter, {}, R::kAttemptsExhausted}},
      {"exhausted although asked to wait",
       Policy(),
       History(4),
       Failed(seconds(1)),
       0,
       {S::kDeadLetter, {}, R::kAttemptsExhausted}},
      {"one try only",
       one_try,
       History(0),
       Failed(),
       0,
       {S::kDeadLetter, {}, R::kAttemptsExhausted}},
      {"half the jitter",
       Policy(),
       History(1),
       Failed(),
       0.5,
       {S::kError, seconds(330), R::kHttpStatus}},
      {"no jitter",
       no_jitter,
       History(1),
       Failed(),
       0.99,
       {S::kError, seconds(300), R::kHttpStatus}},
      {"no delay", at_once, History(0), Failed(), 0.99, {S::kError, seconds(0), R::kHttpStatus}},
      {"Retry-After beyond the schedule",
       Policy(),
       History(0),
       Failed(seconds(60)),
       0,
       {S::kError, seconds(60), R::kHttpStatus}},
      {"Retry-After before the schedule",
       Policy(),
       History(1),
       Failed(seconds(60)),
       0,
       {S::kError, seconds(300), R::kHttpStatus}},
      {"Retry-After is capped",
       Policy(),
       History(0),
       Failed(hours(5)),
       0,
       {S::kError, hours(2), R::kHttpStatus}},
      {"Retry-After is not honoured at all",
       no_hint,
       History(0),
       Failed(hours(5)),
       0,
       {S::kError, seconds(5), R::kHttpStatus}},
      {"the age allows the next try",
       Policy(),
       History(0, hours(24) - seconds(5)),
       Failed(),
       0,
       {S::kError, seconds(5), R::kHttpStatus}},
      {"the age ends before the next try",
       Policy(),
       History(0, hours(24) - seconds(5) + Milliseconds(1)),
       Failed(),
       0,
       {S::kDeadLetter, {}, R::kExpired}},
      {"the age ends before Retry-After",
       Policy(),
       History(0, hours(23)),
       Failed(hours(2)),
       0,
       {S::kDeadLetter, {}, R::kExpired}},
      {"dead letter", Policy(), History(0), dead, 0, {S::kDeadLetter, {}, R::kEndpointGone}},
      {"canceled", Policy(), History(3), Canceled{"rule 4"}, 0, {S::kCanceled, {}, {}}},
      {"deferred",
       Policy(),
       History(0),
       Deferred{seconds(7), "the circuit is open"},
       0.9,
       {S::kQueued, seconds(7), {}}},
      {"deferred spends nothing",
       Policy(),
       History(400),
       Deferred{seconds(7), ""},
       0,
       {S::kQueued, seconds(7), {}}},
      {"deferred into its end",
       Policy(),
       History(0, hours(24)),
       Deferred{seconds(1), ""},
       0,
       {S::kDeadLetter, {}, R::kExpired}},
      {"interrupted",
       Policy(),
       History(0),
       Interrupted{"stopped"},
       0.9,
       {S::kError, seconds(0), R::kInterrupted}},
      {"interrupted never exhausts",
       one_try,
       History(400),
       Interrupted{"stopped"},
       0,
       {S::kError, seconds(0), R::kInterrupted}},
      {"interrupted too late",
       Policy(),
       History(0, hours(24) + Milliseconds(1)),
       Interrupted{"stopped"},
       0,
       {S::kDeadLetter, {}, R::kExpired}},
  };
}

}  // namespace

TEST_CASE("what an outcome makes of a delivery") {
  for (const Row& row : Table()) {
    CAPTURE(std::string(row.name));
    const Transition transition = Decide(row.policy, row.job, row.outcome, kNow, row.jitter);
    CHECK(transition.state == row.expected.state);
    CHECK(transition.failure_reason == row.expected.reason);
    REQUIRE(transition.next_attempt_at.has_value() == row.expected.next_in.has_value());
    if (row.expected.next_in) CHECK(*transition.next_attempt_at - kNow == *row.expected.next_in);
  }
}

TEST_CASE("a transition says what happened") {
  CHECK(Said(Decide(Policy(), History(0), Failed(), kNow, 0)) == "the receiver answered HTTP 503");
  CHECK(Said(Decide(Policy(), History(4), Failed(), kNow, 0)) ==
        "attempt 5 of 5 failed; last: the receiver answered HTTP 503");
  CHECK(Said(Decide(Policy(), History(0, hours(24)), Failed(), kNow, 0)) ==
        "not delivered within 86400 s; last: the receiver answered HTTP 503");
  CHECK(Said(Decide(Policy(), History(0), DeadLetter{FailureReason::kTls, "no"}, kNow, 0)) == "no");
  CHECK(Decide(Policy(), History(0), Canceled{"rule 4"}, kNow, 0).note == "rule 4");
  CHECK(Decide(Policy(), History(0), Deferred{seconds(1), "open"}, kNow, 0).note == "open");
}

namespace {

// What any history of any policy may look like; the bounds are those of the contract.
struct Generated {
  RetryPolicy policy;
  JobHistory job;
  Outcome outcome;
  double jitter;
};

Outcome GenerateOutcome(base::Random& random) {
  const auto some = [&](std::uint64_t below) { return seconds(random.Next() % below); };
  switch (random.Next() % 8) {
    case 0:
      return Delivered{};
    case 1:
      return DeadLetter{FailureReason::kTls, "m"};
    case 2:
      return Canceled{"n"};
    case 3:
      return Deferred{some(1000), "n"};
    case 4:
      return Interrupted{"m"};
    case 5:
      return Retry{FailureReason::kTimeout, "m", some(10'000'000'000U)};
    default:
      return Retry{FailureReason::kTimeout, "m", std::nullopt};
  }
}

Generated Generate(base::Random& random) {
  const auto below = [&](std::uint64_t limit) { return static_cast<int>(random.Next() % limit); };
  const bool extreme = random.Next() % 4 == 0;
  const std::uint64_t scale = extreme ? 2147483648U : 100000;
  RetryPolicy policy;
  for (int i = below(5); i >= 0; --i) policy.delays.push_back(seconds(random.Next() % scale));
  policy.attempts_max = 1 + below(12);
  policy.age_max = seconds(1 + random.Next() % (scale - 1));
  policy.jitter_percent = below(101);
  policy.retry_after_max = seconds(random.Next() % scale);
  const JobHistory job{below(14), kNow - Milliseconds(random.Next() % 400'000'000)};
  return {policy, job, GenerateOutcome(random), random.NextFraction()};
}

void CheckRetry(const Generated& given, const Retry& retry, const Transition& transition) {
  const int failures = given.job.attempt_count + 1;
  if (failures >= given.policy.attempts_max) {
    CHECK(transition.state == DeliveryState::kDeadLetter);
    CHECK(transition.failure_reason == FailureReason::kAttemptsExhausted);
    return;
  }
  const auto index = std::min(static_cast<std::size_t>(failures), given.policy.delays.size()) - 1;
  Milliseconds earliest = given.policy.delays[index];
  if (retry.after) {
    earliest =
        std::max(earliest, std::min(*retry.after, Milliseconds(given.policy.retry_after_max)));
  }
  const Milliseconds latest = earliest + earliest * given.policy.jitter_percent / 100;
  const WallTime end = given.job.queued_at + given.policy.age_max;
  if (transition.state == DeliveryState::kDeadLetter) {
    CHECK(transition.failure_reason == FailureReason::kExpired);
    CHECK(kNow + latest > end);
    return;
  }
  CHECK(transition.state == DeliveryState::kError);
  CHECK(transition.failure_reason == retry.reason);
  REQUIRE(transition.next_attempt_at.has_value());
  CHECK(*transition.next_attempt_at >= kNow + earliest);
  CHECK(*transition.next_attempt_at <= kNow + latest);
  CHECK(*transition.next_attempt_at <= end);
}

void CheckDeferred(const Generated& given, const Deferred& deferred, const Transition& transition) {
  const WallTime next = kNow + deferred.after;
  if (next > given.job.queued_at + given.policy.age_max) {
    CHECK(transition.failure_reason == FailureReason::kExpired);
    CHECK(transition.state == DeliveryState::kDeadLetter);
    return;
  }
  CHECK(transition.state == DeliveryState::kQueued);
  CHECK(transition.next_attempt_at == next);
  CHECK_FALSE(transition.failure_reason.has_value());
}

void CheckInterrupted(const Generated& given, const Transition& transition) {
  const bool expired = kNow > given.job.queued_at + given.policy.age_max;
  CHECK(transition.state == (expired ? DeliveryState::kDeadLetter : DeliveryState::kError));
  CHECK(transition.failure_reason ==
        (expired ? FailureReason::kExpired : FailureReason::kInterrupted));
}

}  // namespace

TEST_CASE("properties of decide over random policies, histories and outcomes") {
  constexpr std::uint64_t kSeed = 20260102;
  base::SeededRandom random(kSeed);
  for (int run = 0; run < 20'000; ++run) {
    CAPTURE(kSeed);
    CAPTURE(run);
    const Generated given = Generate(random);
    const Transition transition =
        Decide(given.policy, given.job, given.outcome, kNow, given.jitter);
    const bool waits =
        transition.state == DeliveryState::kError || transition.state == DeliveryState::kQueued;
    CHECK(transition.next_attempt_at.has_value() == waits);
    if (waits) CHECK(*transition.next_attempt_at >= kNow);
    const bool failed =
        transition.state == DeliveryState::kError || transition.state == DeliveryState::kDeadLetter;
    CHECK(transition.failure_reason.has_value() == failed);
    std::visit(base::Overloaded{
                   [&](const Delivered&) { CHECK(transition.state == DeliveryState::kDone); },
                   [&](const Retry& retry) { CheckRetry(given, retry, transition); },
                   [&](const DeadLetter& dead) {
                     CHECK(transition.state == DeliveryState::kDeadLetter);
                     CHECK(transition.failure_reason == dead.reason);
                   },
                   [&](const Canceled&) { CHECK(transition.state == DeliveryState::kCanceled); },
                   [&](const Deferred& deferred) { CheckDeferred(given, deferred, transition); },
                   [&](const Interrupted&) { CheckInterrupted(given, transition); },
               },
               given.outcome);
  }
}

TEST_CASE("every retry ends: a delivery that always fails is a dead letter after attempts_max") {
  RetryPolicy policy = Policy();
  policy.age_max = hours(100000);
  WallTime now = kNow;
  int attempts = 0;
  for (DeliveryState state = DeliveryState::kQueued; state != DeliveryState::kDeadLetter;) {
    const Transition transition = Decide(policy, {attempts, kNow}, Failed(), now, 0.3);
    ++attempts;
    REQUIRE(attempts <= policy.attempts_max);
    state = transition.state;
    if (transition.next_attempt_at) now = *transition.next_attempt_at;
  }
  CHECK(attempts == policy.attempts_max);
}
