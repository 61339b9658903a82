// SPDX-License-Identifier: LGPL-3.0-or-later
// A gateway over an inbox in memory and some endpoints: /open takes anything from anybody, /bearer
// wants a token, /meta answers a challenge, /broken cannot be judged, /replay blocks replays.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "lib/inbound/gateway.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_secrets.h"
#include "tests/fakes/memory_inbox.h"
#include "tests/fakes/queue_strand.h"
#include "tests/fakes/recording_log.h"

namespace webhook::inbound {

inline model::Configuration SomeEndpoints() {
  model::Configuration configuration;
  configuration.revision = 1;
  const auto add = [&](model::RecordId id, const std::string& path) -> model::InboundEndpoint& {
    model::InboundEndpoint& endpoint = configuration.inbound_endpoints[id];
    endpoint.id = id;
    endpoint.path = path;
    endpoint.active = true;
    endpoint.delivery_identity = model::DeliveryIdentity::kBodySha256;
    return endpoint;
  };
  add(1, "open");
  add(2, "draft").active = false;
  model::InboundEndpoint& bearer = add(3, "bearer");
  bearer.auth.mode = model::InboundAuthMode::kBearer;
  bearer.secrets = {{31, model::SecretPurpose::kBearerToken, "env:TOKEN"}};
  model::InboundEndpoint& meta = add(4, "meta");
  meta.challenge = model::Challenge::kMetaHub;
  meta.secrets = {{41, model::SecretPurpose::kChallengeToken, "env:CHALLENGE"}};
  model::InboundEndpoint& broken = add(5, "broken");
  broken.auth.mode = model::InboundAuthMode::kBearer;
  broken.secrets = {{51, model::SecretPurpose::kBearerToken, "env:MISSING"}};
  model::InboundEndpoint& replay = add(6, "replay");
  replay.replay_identity = model::ReplayIdentity::kEventId;
  replay.replay_blocks = true;
  replay.sources = {{61, "id", 10, "", model::ValueSourceKind::kHeader, "X-Event-Id"}};
  replay.bindings = {{62, "event_id", "id"}};
  return configuration;
}

struct GatewayWorld {
  explicit GatewayWorld(GatewayOptions options = {})
      : gateway(std::move(options), clock, random, log, inbox) {
    secrets.values = {{"env:TOKEN", "open sesame"}, {"env:CHALLENGE", "meta token"}};
    gateway.SetListener({.on_stored = [this] { ++stored; }, .on_counted = [this] { ++counted; }});
  }

  void Publish() { gateway.Publish(CompileGateway(SomeEndpoints(), secrets, clock.Now()).book); }

  static delivery::ReceivedHead Head(const std::string& path, const std::string& method = "POST",
                                     delivery::HttpHeaders more = {}) {
    delivery::ReceivedHead head;
    head.method = method;
    head.target = "/webhooks/in/" + path;
    head.headers = {{"Content-Type", "application/json"}};
    head.headers.insert(head.headers.end(), more.begin(), more.end());
    head.remote_address = "192.0.2.7";
    head.origin = "http://as.called:8080";
    return head;
  }

  // As the server does: the head, then the whole. Nothing: it is not answered yet.
  std::optional<delivery::ReceiverAnswer> Ask(const delivery::ReceivedHead& head,
                                              const std::string& body = "{}") {
    if (auto refusal = gateway.OnHead(head)) return refusal;
    std::optional<delivery::ReceiverAnswer> answered;
    gateway.OnRequest({head, body}, [&](delivery::ReceiverAnswer answer) {
      CHECK_FALSE(answered);
      answered = std::move(answer);
    });
    strand.AdvanceTo(clock.SteadyNow() + base::Milliseconds(1));
    return answered;
  }
  int Status(const delivery::ReceivedHead& head, const std::string& body = "{}") {
    const auto answer = Ask(head, body);
    REQUIRE(answer.has_value());
    return answer->status_code;
  }

  fakes::FakeClock clock;
  fakes::QueueStrand strand{clock};
  base::SeededRandom random{20260105};
  fakes::RecordingLog log;
  fakes::FakeSecrets secrets;
  fakes::MemoryInbox inbox{strand, base::Milliseconds(1)};
  Gateway gateway;
  int stored = 0;
  int counted = 0;
};

}  // namespace webhook::inbound
