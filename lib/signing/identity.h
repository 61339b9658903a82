// SPDX-License-Identifier: LGPL-3.0-or-later
// What makes two inbound requests the same one: by a value that the sender gives, or by the body.
// The values that the sender gives are resolved already, by name. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace webhook::signing {

enum class DeliveryIdentityPolicy { kDeliveryId, kIdempotencyKey, kBodySha256 };
enum class ReplayIdentityPolicy { kNone, kEventId, kIdempotencyKey };

// Stored as text: delivery_id, idempotency_key, body_sha256; none, event_id, idempotency_key.
std::string_view Spelling(DeliveryIdentityPolicy policy);
std::string_view Spelling(ReplayIdentityPolicy policy);

// Name to text: delivery_id, event_id, idempotency_key.
using SenderValues = std::map<std::string, std::string, std::less<>>;

struct Identity {
  std::string key;     // not empty
  std::string policy;  // whose it is: keys of different policies are never the same
  bool operator==(const Identity&) const = default;
};

// Nothing when the sender gave no such value, or an empty one. body_sha256 looks at the body only
// and always has an identity.
std::optional<Identity> DeliveryIdentity(DeliveryIdentityPolicy policy, const SenderValues& values,
                                         std::string_view body);

// Nothing with kNone, and when the sender gave no such value.
std::optional<Identity> ReplayIdentity(ReplayIdentityPolicy policy, const SenderValues& values);

}  // namespace webhook::signing
