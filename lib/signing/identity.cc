// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/identity.h"

#include "lib/base/assert.h"
#include "lib/signing/hash.h"

namespace webhook::signing {
namespace {

std::optional<Identity> FromSender(std::string_view name, const SenderValues& values) {
  const auto found = values.find(name);
  if (found == values.end() || found->second.empty()) return std::nullopt;
  return Identity{found->second, std::string(name)};
}

}  // namespace

std::string_view Spelling(DeliveryIdentityPolicy policy) {
  switch (policy) {
    case DeliveryIdentityPolicy::kDeliveryId:
      return "delivery_id";
    case DeliveryIdentityPolicy::kIdempotencyKey:
      return "idempotency_key";
    case DeliveryIdentityPolicy::kBodySha256:
      return "body_sha256";
  }
  WEBHOOK_ASSERT(false);
  return {};
}

std::string_view Spelling(ReplayIdentityPolicy policy) {
  switch (policy) {
    case ReplayIdentityPolicy::kNone:
      return "none";
    case ReplayIdentityPolicy::kEventId:
      return "event_id";
    case ReplayIdentityPolicy::kIdempotencyKey:
      return "idempotency_key";
  }
  WEBHOOK_ASSERT(false);
  return {};
}

std::optional<Identity> DeliveryIdentity(DeliveryIdentityPolicy policy, const SenderValues& values,
                                         std::string_view body) {
  if (policy != DeliveryIdentityPolicy::kBodySha256) return FromSender(Spelling(policy), values);
  return Identity{EncodeHex(HashBytes(Digest::kSha256, body)), std::string(Spelling(policy))};
}

std::optional<Identity> ReplayIdentity(ReplayIdentityPolicy policy, const SenderValues& values) {
  if (policy == ReplayIdentityPolicy::kNone) return std::nullopt;
  return FromSender(Spelling(policy), values);
}

}  // namespace webhook::signing
