// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::InboundAuthMode;
using model::SecretPurpose;

struct AuthWorld : InboundWorld {
  AuthWorld(InboundAuthMode mode, SecretPurpose purpose) {
    endpoint.auth = {mode, "shop", "X-Api-Key"};
    AddSecret(purpose, "hunter2");
    SetBody(kJsonType, "{}");
  }
  std::string With(std::string name, std::string value) {
    InboundWorld world = *this;
    world.SetHeader(std::move(name), std::move(value));
    return world.Verdict();
  }
};

TEST_CASE("basic") {
  AuthWorld world(InboundAuthMode::kBasic, SecretPurpose::kBasicPassword);
  const std::string right = base::EncodeBase64("shop:hunter2");
  CHECK(world.Verdict() == "authentication");
  CHECK(world.With("Authorization", "Basic " + right) == "accepted");
  CHECK(world.With("authorization", "bAsIc   " + right) == "accepted");
  for (const std::string& wrong :
       {"Basic " + base::EncodeBase64("shop:hunter3"), "Basic " + base::EncodeBase64("shop:hunter"),
        "Basic " + base::EncodeBase64("hunter2"), "Basic " + base::EncodeBase64("Shop:hunter2"),
        "Bearer " + right, "Basic" + right, right, std::string("Basic"), std::string("Basic "),
        std::string("Basic %%%"), std::string()}) {
    CAPTURE(wrong);
    CHECK(world.With("Authorization", wrong) == "authentication");
  }
}

TEST_CASE("bearer") {
  AuthWorld world(InboundAuthMode::kBearer, SecretPurpose::kBearerToken);
  CHECK(world.With("Authorization", "Bearer hunter2") == "accepted");
  CHECK(world.With("Authorization", "bearer hunter2") == "accepted");
  for (const char* wrong : {"", "hunter2", "Bearer", "Bearer ", "Bearer hunter2 ", "Bearer x"}) {
    CHECK(world.With("Authorization", wrong) == "authentication");
  }
}

TEST_CASE("an API key, in its own header only") {
  AuthWorld world(InboundAuthMode::kApiKey, SecretPurpose::kApiKey);
  CHECK(world.With("x-api-key", "hunter2") == "accepted");
  CHECK(world.With("x-api-key", "") == "authentication");
  CHECK(world.With("x-api-key", "hunter") == "authentication");
  CHECK(world.With("Authorization", "hunter2") == "authentication");
  world.parts.url += "?X-Api-Key=hunter2";
  CHECK(world.Verdict() == "authentication");
}

TEST_CASE("a credential that has expired since it was read lets nobody in") {
  AuthWorld world(InboundAuthMode::kApiKey, SecretPurpose::kApiKey);
  world.endpoint.secrets.front().expires_at = world.now + std::chrono::seconds(60);
  world.SetHeader("X-Api-Key", "hunter2");
  const CompiledInbound compiled = world.Compiled();
  const Request request(world.parts);
  const auto verdict = [&](std::chrono::seconds later) {
    const Judgement judged = Judge(compiled, request, std::string(kUid), world.now + later);
    const auto* rejected = std::get_if<Rejected>(&judged);
    return rejected == nullptr ? "accepted" : std::string(Spelling(rejected->category));
  };
  CHECK(verdict(std::chrono::seconds(59)) == "accepted");
  CHECK(verdict(std::chrono::seconds(60)) == "configuration");
}

TEST_CASE("the address is judged first, then the credentials, then the signature") {
  AuthWorld world(InboundAuthMode::kApiKey, SecretPurpose::kApiKey);
  world.endpoint.allowed_networks = {"198.51.100.0/24", "2001:db8::/32"};
  world.SignWith("topsecret");
  CHECK(world.Verdict() == "address");
  world.parts.remote_address = "";
  CHECK(world.Verdict() == "address");
  world.parts.remote_address = "2001:db8::5";
  CHECK(world.Verdict() == "authentication");
  world.SetHeader("X-Api-Key", "hunter2");
  CHECK(world.Verdict() == "signature");
}

TEST_CASE("credentials are kept by nobody") {
  for (const bool is_right : {true, false}) {
    AuthWorld world(InboundAuthMode::kApiKey, SecretPurpose::kApiKey);
    world.SetHeader("X-API-Key", is_right ? "hunter2" : "hunter3");
    world.SetHeader("Cookie", "session=1");
    world.SetHeader("Authorization", "Basic x");
    world.SetHeader("Proxy-Authorization", "Basic x");
    world.SetHeader("X-Signature", "stays");
    const auto headers = world.Event().headers;
    for (const char* name : {"x-api-key", "cookie", "authorization", "proxy-authorization"}) {
      CHECK(headers.at(name) == "***");
    }
    CHECK(headers.at("x-signature") == "stays");
  }
}

}  // namespace
}  // namespace webhook::inbound
