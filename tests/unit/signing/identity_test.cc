// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/identity.h"

#include <doctest/doctest.h>

namespace webhook::signing {
namespace {

const SenderValues kValues = {
    {"delivery_id", "d-1"}, {"event_id", "e-1"}, {"idempotency_key", "k-1"}};

}  // namespace

TEST_CASE("a delivery's identity is the value under the policy's name") {
  CHECK(DeliveryIdentity(DeliveryIdentityPolicy::kDeliveryId, kValues, "body") ==
        Identity{"d-1", "delivery_id"});
  CHECK(DeliveryIdentity(DeliveryIdentityPolicy::kIdempotencyKey, kValues, "body") ==
        Identity{"k-1", "idempotency_key"});
}

TEST_CASE("the body's hash never looks at what the sender says") {
  CHECK(
      DeliveryIdentity(DeliveryIdentityPolicy::kBodySha256, {{"body_sha256", "forged"}}, "") ==
      Identity{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "body_sha256"});
}

TEST_CASE("no value or an empty one is no identity; 0 is one") {
  CHECK_FALSE(DeliveryIdentity(DeliveryIdentityPolicy::kDeliveryId, {}, "body"));
  CHECK_FALSE(DeliveryIdentity(DeliveryIdentityPolicy::kDeliveryId, {{"delivery_id", ""}}, "b"));
  CHECK(DeliveryIdentity(DeliveryIdentityPolicy::kDeliveryId, {{"delivery_id", "0"}}, "b") ==
        Identity{"0", "delivery_id"});
}

TEST_CASE("a replay's identity") {
  CHECK_FALSE(ReplayIdentity(ReplayIdentityPolicy::kNone, kValues));
  CHECK(ReplayIdentity(ReplayIdentityPolicy::kEventId, kValues) == Identity{"e-1", "event_id"});
  CHECK(ReplayIdentity(ReplayIdentityPolicy::kIdempotencyKey, kValues) ==
        Identity{"k-1", "idempotency_key"});
  CHECK_FALSE(ReplayIdentity(ReplayIdentityPolicy::kEventId, {{"event_id", ""}}));
}

}  // namespace webhook::signing
