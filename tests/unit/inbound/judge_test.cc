// SPDX-License-Identifier: LGPL-3.0-or-later
// Identities: what makes two requests the same one.
#include <doctest/doctest.h>

#include "lib/inbound/event_identity.h"
#include "lib/signing/hash.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::DeliveryIdentity;
using model::ReplayIdentity;

struct IdentityWorld : InboundWorld {
  IdentityWorld() {
    for (const char* semantic : {"delivery_id", "idempotency_key", "event_id"}) {
      AddSource(semantic, ValueSourceKind::kHeader, semantic);
      Bind(semantic, semantic);
    }
    SetBody(kJsonType, "{}");
  }
};

TEST_CASE("the delivery's identity, by each policy") {
  IdentityWorld world;
  world.SetHeader("delivery_id", "d-1");
  world.SetHeader("idempotency_key", "i-1");
  world.endpoint.delivery_identity = DeliveryIdentity::kDeliveryId;
  CHECK(world.Event().identity_key == "d-1");
  CHECK(world.Event().identity_source == "delivery_id");
  world.endpoint.delivery_identity = DeliveryIdentity::kIdempotencyKey;
  CHECK(world.Event().identity_key == "i-1");
  CHECK(world.Event().identity_source == "idempotency_key");
  world.endpoint.delivery_identity = DeliveryIdentity::kBodySha256;
  CHECK(world.Event().identity_key ==
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  CHECK(world.Event().identity_source == "body_sha256");
}

TEST_CASE("an identity that cannot be resolved is refused, and has no key") {
  IdentityWorld world;
  world.endpoint.delivery_identity = DeliveryIdentity::kDeliveryId;
  CHECK(world.Verdict() == "validation");
  CHECK(world.Event().rejected);
  CHECK(world.Event().identity_key == "");
  world.SetHeader("delivery_id", "d-1");
  world.endpoint.replay_identity = ReplayIdentity::kEventId;
  CHECK(world.Verdict() == "validation");
  CHECK(world.Event().identity_key == "");
}

TEST_CASE("the replay's identity, and whether it blocks") {
  IdentityWorld world;
  world.SetHeader("event_id", "e-1");
  world.SetHeader("idempotency_key", "i-1");
  CHECK(world.Event().replay_identity_key == "");
  CHECK(world.Event().replay_identity_source == "");
  world.endpoint.replay_identity = ReplayIdentity::kEventId;
  CHECK(world.Event().replay_identity_key == "e-1");
  CHECK(world.Event().replay_identity_source == "event_id");
  CHECK_FALSE(world.Event().replay_blocks);
  world.endpoint.replay_identity = ReplayIdentity::kIdempotencyKey;
  world.endpoint.replay_blocks = true;
  CHECK(world.Event().replay_identity_key == "i-1");
  CHECK(world.Event().replay_identity_source == "idempotency_key");
  CHECK(world.Event().replay_blocks);
}

TEST_CASE("an identity that cannot be stored is stood for by its hash, so that two stay two") {
  IdentityWorld world;
  world.endpoint.delivery_identity = DeliveryIdentity::kDeliveryId;
  const auto key_of = [&](const std::string& id) {
    world.SetHeader("delivery_id", id);
    return world.Event().identity_key;
  };
  CHECK(key_of(std::string(512, 'x')) == std::string(512, 'x'));
  const std::string longer(513, 'x');
  CHECK(key_of(longer) ==
        "sha256:" + signing::EncodeHex(signing::HashBytes(signing::Digest::kSha256, longer)));
  CHECK(key_of(std::string(100'000, 'x')) != key_of(std::string(100'001, 'x')));
  CHECK(key_of(std::string("a\0", 2)).starts_with("sha256:"));
  CHECK(key_of(std::string("a\0", 2)) != key_of("a\\u0000"));
  CHECK(key_of("a\xFF").starts_with("sha256:"));
  CHECK(key_of("é") == "é");
}

TEST_CASE("a credential is no identity that can be read") {
  IdentityWorld world;
  world.endpoint.delivery_identity = DeliveryIdentity::kDeliveryId;
  world.endpoint.sources.front().expression = "Authorization";
  world.SetHeader("Authorization", "Bearer hunter2");
  CHECK(world.Event().identity_key.starts_with("sha256:"));
}

TEST_CASE("our own faults are nobody else's") {
  IdentityWorld world;
  world.endpoint.sources.front().kind = ValueSourceKind::kPayloadPath;
  world.endpoint.sources.front().expression = "a[";
  CHECK(world.Verdict() == "configuration");
}

}  // namespace
}  // namespace webhook::inbound
