// SPDX-License-Identifier: LGPL-3.0-or-later
// A delivery's own end, beside the maximal age of its policy.
#include <doctest/doctest.h>

#include "lib/delivery/decide.h"

using namespace webhook::model;
using webhook::delivery::Decide;
using webhook::delivery::JobHistory;
using webhook::delivery::WhyExpired;
namespace base = webhook::base;
using base::Milliseconds;
using base::WallTime;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

const WallTime kNow = base::FromUnixMs(1767225600000);

RetryPolicy Policy() {
  RetryPolicy policy;
  policy.delays = {seconds(5)};
  policy.attempts_max = 5;
  policy.age_max = hours(24);
  policy.jitter_percent = 20;
  return policy;
}

Retry Failed() { return {FailureReason::kHttpStatus, "the receiver answered HTTP 503"}; }

JobHistory Expiring(Milliseconds age, Milliseconds expires_after) {
  const WallTime queued_at = kNow - age;
  return {0, queued_at, queued_at + expires_after};
}

}  // namespace

TEST_CASE("whichever comes first ends it, and the message says which") {
  const Deferred wait{seconds(10), "its rate limit"};
  const auto decide = [&](const JobHistory& job) { return Decide(Policy(), job, wait, kNow, 0); };
  const Transition own = decide(Expiring(seconds(55), seconds(60)));
  CHECK(own.state == DeliveryState::kDeadLetter);
  CHECK(own.failure_reason == FailureReason::kExpired);
  CHECK(own.failure_message ==
        "not delivered before it expired, 60 s after it was queued; last: its rate limit");
  const Transition by_policy = decide(Expiring(hours(24), hours(48)));
  CHECK(by_policy.state == DeliveryState::kDeadLetter);
  CHECK(by_policy.failure_message == "not delivered within 86400 s; last: its rate limit");
  const Transition in_time = decide(Expiring(seconds(50), seconds(60)));
  CHECK(in_time.state == DeliveryState::kQueued);
  CHECK(in_time.next_attempt_at == kNow + seconds(10));
}

TEST_CASE("its own end counts for retries and interruptions, not for what was delivered") {
  const JobHistory job = Expiring(seconds(61), seconds(60));
  CHECK(Decide(Policy(), job, Failed(), kNow, 0).failure_reason == FailureReason::kExpired);
  CHECK(Decide(Policy(), job, Interrupted{"stopped"}, kNow, 0).failure_reason ==
        FailureReason::kExpired);
  CHECK(Decide(Policy(), job, Delivered{}, kNow, 0).state == DeliveryState::kDone);
  // A retry that would come after the end is none.
  CHECK(Decide(Policy(), Expiring(seconds(56), seconds(60)), Failed(), kNow, 0).state ==
        DeliveryState::kDeadLetter);
  CHECK(Decide(Policy(), Expiring(seconds(55), seconds(60)), Failed(), kNow, 0).state ==
        DeliveryState::kError);
}

TEST_CASE("why a delivery is expired") {
  CHECK(WhyExpired(Policy(), Expiring(seconds(60), seconds(60)), kNow).empty());
  CHECK(WhyExpired(Policy(), Expiring(Milliseconds(60001), seconds(60)), kNow) ==
        "not delivered before it expired, 60 s after it was queued");
  CHECK(WhyExpired(Policy(), JobHistory{0, kNow - hours(24)}, kNow).empty());
  CHECK(WhyExpired(Policy(), JobHistory{0, kNow - hours(24) - Milliseconds(1)}, kNow) ==
        "not delivered within 86400 s");
}
