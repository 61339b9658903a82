// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/signing/hmac.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::Challenge;

struct MetaWorld : InboundWorld {
  MetaWorld() {
    endpoint.challenge = Challenge::kMetaHub;
    SignWith("topsecret");
    AddSecret(model::SecretPurpose::kChallengeToken, "meatyhamhock");
    parts.method = "GET";
  }
  std::string Asked(const std::string& query) {
    parts.url = "https://hooks.example.com/webhooks/in/shop?" + query;
    return Verdict();
  }
};

TEST_CASE("Meta: a GET with the verify token is answered before any signature") {
  MetaWorld world;
  const std::string right = "hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=";
  CHECK(world.Asked(right + "1158201444") == "challenged 1158201444");
  CHECK(std::get<Challenged>(world.Judged()).content_type == "text/plain; charset=utf-8");
  CHECK(world.Asked(right + std::string(1000, 'x')).starts_with("challenged x"));
  CHECK(world.Asked(right + std::string(1001, 'x')) == "validation");
  CHECK(world.Asked(right) == "validation");
  CHECK(world.Asked(right + "%0d%0aSet-Cookie:x") == "validation");
  CHECK(world.Asked(right + "%C3%A9") == "validation");
  CHECK(world.Asked("hub.mode=subscribe&hub.verify_token=x&hub.challenge=1") == "signature");
  CHECK(world.Asked("hub.mode=subscribe&hub.challenge=1") == "signature");
  CHECK(world.Asked("hub.verify_token=meatyhamhock&hub.challenge=1") == "validation");
  CHECK(world.Asked("") == "validation");
}

TEST_CASE("Meta: a POST is an event, whatever its query says") {
  MetaWorld world;
  world.parts.method = "POST";
  CHECK(world.Asked("hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=1") ==
        "signature");
}

TEST_CASE("Meta: without a token nothing is answered, and events go on") {
  MetaWorld world;
  world.endpoint.secrets.pop_back();
  CHECK(world.Asked("hub.mode=subscribe&hub.verify_token=&hub.challenge=1") == "configuration");
  CHECK(world.Compiled().problem == "");
  REQUIRE(world.Compiled().findings.size() == 1);
  CHECK(world.Compiled().findings.front().field == "challenge");
}

TEST_CASE("Microsoft: a POST with validationToken is answered before any signature") {
  InboundWorld world;
  world.endpoint.challenge = Challenge::kMicrosoftValidationToken;
  world.SignWith("topsecret");
  const std::string url = world.parts.url;
  world.parts.url = url + "?validationToken=Validation%3A+Testing%20it";
  CHECK(world.Verdict() == "challenged Validation: Testing it");
  world.parts.url = url + "?validationToken=" + std::string(1001, 'x');
  CHECK(world.Verdict() == "validation");
  world.parts.url = url + "?validationToken=%00";
  CHECK(world.Verdict() == "validation");
  world.parts.url = url;
  CHECK(world.Verdict() == "signature");
  world.parts.method = "GET";
  world.parts.url = url + "?validationToken=1";
  CHECK(world.Verdict() == "validation");
}

struct SlackWorld : InboundWorld {
  SlackWorld() {
    endpoint.challenge = Challenge::kSlackUrlVerification;
    SignWith("topsecret");
  }
  std::string Asked(const std::string& body, bool is_signed = true) {
    SetBody(kJsonType, body);
    SetHeader("X-Signature",
              is_signed ? signing::SignHmac({}, base::Secret("topsecret"), body) : "00");
    return Verdict();
  }
};

TEST_CASE("Slack: url_verification is answered when it is signed") {
  SlackWorld world;
  const std::string body =
      R"({"token": "x", "challenge": "3eZbrw1aB", "type": "url_verification"})";
  CHECK(world.Asked(body) == "challenged 3eZbrw1aB");
  CHECK(world.Asked(body, false) == "signature");
  CHECK(world.Asked(R"({"type": "url_verification"})") == "validation");
  CHECK(world.Asked(R"({"type": "url_verification", "challenge": 5})") == "validation");
  CHECK(world.Asked(R"({"type": "event_callback", "challenge": "x"})") == "accepted");
  CHECK(world.Asked(R"(["url_verification"])") == "payload");
}

TEST_CASE("what the endpoint is not configured for is no challenge") {
  InboundWorld world;
  world.SetBody(kJsonType, R"({"challenge": "x", "type": "url_verification"})");
  world.parts.url += "?validationToken=x&hub.mode=subscribe&hub.challenge=1&hub.verify_token=";
  CHECK(world.Verdict() == "accepted");
  for (const char* method : {"GET", "PUT", "HEAD", "DELETE", "", "post"}) {
    world.parts.method = method;
    CHECK(world.Verdict() == "validation");
  }
}

TEST_CASE("a challenge needs the credentials and the address that events need") {
  MetaWorld world;
  world.endpoint.allowed_networks = {"198.51.100.1"};
  CHECK(world.Asked("hub.mode=subscribe&hub.verify_token=meatyhamhock&hub.challenge=1") ==
        "address");
}

}  // namespace
}  // namespace webhook::inbound
