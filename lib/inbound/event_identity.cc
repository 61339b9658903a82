// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/event_identity.h"

#include "lib/inbound/resolve_values.h"
#include "lib/inbound/stored_text.h"
#include "lib/signing/hash.h"
#include "lib/signing/identity.h"

namespace webhook::inbound {
namespace {

signing::DeliveryIdentityPolicy PolicyOf(model::DeliveryIdentity identity) {
  switch (identity) {
    case model::DeliveryIdentity::kDeliveryId:
      return signing::DeliveryIdentityPolicy::kDeliveryId;
    case model::DeliveryIdentity::kIdempotencyKey:
      return signing::DeliveryIdentityPolicy::kIdempotencyKey;
    case model::DeliveryIdentity::kBodySha256:
      return signing::DeliveryIdentityPolicy::kBodySha256;
  }
  return signing::DeliveryIdentityPolicy::kBodySha256;
}

signing::ReplayIdentityPolicy PolicyOf(model::ReplayIdentity identity) {
  switch (identity) {
    case model::ReplayIdentity::kNone:
      return signing::ReplayIdentityPolicy::kNone;
    case model::ReplayIdentity::kEventId:
      return signing::ReplayIdentityPolicy::kEventId;
    case model::ReplayIdentity::kIdempotencyKey:
      return signing::ReplayIdentityPolicy::kIdempotencyKey;
  }
  return signing::ReplayIdentityPolicy::kNone;
}

std::string KeyOf(const std::string& value, bool is_credential) {
  if (!is_credential && IsStoredAsItIs(value, kIdentityKeyBytesMax)) return value;
  return "sha256:" + signing::EncodeHex(signing::HashBytes(signing::Digest::kSha256, value));
}

// Whole values: what is stored of them may be cut, and would then be the same for two events.
signing::SenderValues SenderValuesOf(const CompiledInbound& endpoint, const Request& request) {
  signing::SenderValues values;
  for (const char* semantic : {"delivery_id", "event_id", "idempotency_key"}) {
    const auto bound = endpoint.bindings.find(semantic);
    if (bound == endpoint.bindings.end()) continue;
    const auto value = FirstCandidate(endpoint, request, bound->second);
    if (value) values[semantic] = KeyOf(*value, ShowsCredential(endpoint, bound->second));
  }
  return values;
}

}  // namespace

bool SetIdentity(const CompiledInbound& endpoint, const Request& request,
                 model::IngestedEvent& event) {
  const model::InboundEndpoint& settings = endpoint.endpoint;
  const signing::SenderValues values = SenderValuesOf(endpoint, request);
  const auto delivery =
      signing::DeliveryIdentity(PolicyOf(settings.delivery_identity), values, request.body());
  if (!delivery) return false;
  event.identity_key = delivery->key;
  event.identity_source = delivery->policy;
  if (settings.replay_identity == model::ReplayIdentity::kNone) return true;
  const auto replay = signing::ReplayIdentity(PolicyOf(settings.replay_identity), values);
  if (!replay) return false;
  event.replay_identity_key = replay->key;
  event.replay_identity_source = replay->policy;
  event.replay_blocks = settings.replay_blocks;
  return true;
}

}  // namespace webhook::inbound
