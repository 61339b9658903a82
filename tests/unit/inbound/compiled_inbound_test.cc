// SPDX-License-Identifier: LGPL-3.0-or-later
// Findings: what is wrong with an endpoint, and what of it stops judging.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::DeliveryIdentity;
using model::ReplayIdentity;
using model::SecretPurpose;
using std::chrono::seconds;

struct FindingWorld : InboundWorld {
  // A complete one.
  FindingWorld() {
    SignWith("topsecret");
    endpoint.verification.age_max = seconds(300);
    AddSource("time", ValueSourceKind::kHeader, "X-Time");
    Bind("signature_timestamp", "time");
    AddPart(VerifiedPartKind::kHeader, "X-Time");
    AddPart(VerifiedPartKind::kRawBody);
  }

  // "!" for what stops judging, "error" or "warning", field of the first finding, or "".
  std::string Found() {
    const CompiledInbound compiled = Compiled();
    if (compiled.findings.empty()) return compiled.problem;
    const model::Finding& first = compiled.findings.front();
    CHECK(first.message.ends_with('.'));
    return std::string(compiled.problem.empty() ? "" : "!") +
           (first.is_error ? "error " : "warning ") + first.field;
  }
};

TEST_CASE("a complete endpoint has no findings") { CHECK(FindingWorld().Found() == ""); }

TEST_CASE("paths that cannot be parsed stop judging") {
  FindingWorld world;
  world.AddSource("p", ValueSourceKind::kPayloadPath, "a..b");
  CHECK(world.Found() == "!error payload_path");
  const model::Finding finding = world.Compiled().findings.front();
  CHECK(finding.model == "bwt.webhook.inbound.endpoint.source");
  CHECK(finding.record_id == world.endpoint.sources.back().id);
  FindingWorld part;
  part.AddPart(VerifiedPartKind::kPayloadPath, "a[");
  CHECK(part.Found() == "!error payload_path");
  CHECK(part.Compiled().findings.front().model == "bwt.webhook.inbound.endpoint.signature.part");
}

TEST_CASE("a network that is none stops judging") {
  FindingWorld world;
  world.endpoint.allowed_networks = {"10.0.0.0/8", "10.0.0.1/8"};
  CHECK(world.Found() == "!error allowed_networks");
}

TEST_CASE("a signing secret that is missing, expired, broken, elsewhere, or no key") {
  FindingWorld missing;
  missing.endpoint.secrets.clear();
  CHECK(missing.Found() == "!error signature_verification_mode");
  FindingWorld expired;
  expired.endpoint.secrets.front().expires_at = expired.now;
  CHECK(expired.Found() == "!error signature_verification_mode");
  FindingWorld broken;
  broken.secrets.invalid.insert(broken.endpoint.secrets.front().value);
  CHECK(broken.Found() == "!error value");
  CHECK(broken.Compiled().findings.front().model == "bwt.webhook.secret");
  FindingWorld elsewhere;
  elsewhere.secrets.values.clear();
  CHECK(elsewhere.Found() == "!warning value");
  FindingWorld standard;
  standard.endpoint.verification.mode = model::VerificationMode::kStandardWebhooks;
  CHECK(standard.Found() == "!error secret_ids");
  CHECK(standard.Verdict() == "configuration");
}

TEST_CASE("bindings, policies and signatures need a source") {
  FindingWorld binding;
  binding.Bind("topic", "nothing");
  CHECK(binding.Found() == "error value_key");
  CHECK(binding.Compiled().findings.front().model ==
        "bwt.webhook.inbound.endpoint.semantic.binding");

  for (const bool has_binding : {false, true}) {
    FindingWorld delivery;
    if (has_binding) delivery.Bind("delivery_id", "nothing");
    delivery.endpoint.delivery_identity = DeliveryIdentity::kDeliveryId;
    CHECK(delivery.Compiled().problem.starts_with("delivery_identity_policy: "));
    delivery.AddSource("nothing", ValueSourceKind::kHeader, "X-Id");
    CHECK(delivery.Compiled().problem.empty() == has_binding);
  }

  FindingWorld replay;
  replay.endpoint.replay_identity = ReplayIdentity::kEventId;
  CHECK(replay.Found() == "!error replay_identity_policy");
  replay.AddSource("id", ValueSourceKind::kHeader, "X-Id");
  replay.Bind("event_id", "id");
  CHECK(replay.Found() == "");

  FindingWorld signature;
  signature.endpoint.bindings.erase(signature.endpoint.bindings.begin());
  CHECK(signature.Found() == "!error signature_verification_mode");
}

TEST_CASE("a limit of age needs a timestamp that is signed") {
  FindingWorld unbound;
  unbound.endpoint.bindings.pop_back();
  CHECK(unbound.Found() == "error signature_max_age_seconds");
  unbound.endpoint.verification.age_max = seconds(0);
  CHECK(unbound.Found() == "");
  unbound.endpoint.verification.future_skew_max = seconds(1);
  CHECK(unbound.Found() == "error signature_max_age_seconds");

  FindingWorld unsigned_time;
  unsigned_time.endpoint.verification.parts.front().expression = "X-Other";
  CHECK(unsigned_time.Found() == "error signature_part_ids");
  CHECK(unsigned_time.Compiled().findings.front().message.find("not signed") != std::string::npos);
  unsigned_time.endpoint.verification.parts.front().expression = "x-time";
  CHECK(unsigned_time.Found() == "");
  unsigned_time.AddSource("time", ValueSourceKind::kHeader, "X-Fallback").tier = 20;
  CHECK(unsigned_time.Found() == "error signature_part_ids");
}

TEST_CASE("a timestamp in the payload is signed with the body") {
  FindingWorld world;
  world.endpoint.verification.parts.clear();
  CHECK(world.Found() == "error signature_part_ids");
  auto& source = world.endpoint.sources.back();
  source.kind = ValueSourceKind::kPayloadPath;
  source.expression = "created";
  CHECK(world.Found() == "");
  world.AddPart(VerifiedPartKind::kPayloadPath, "created");
  CHECK(world.Found() == "warning signature_part_ids");  // the body is not
  world.endpoint.verification.parts.front().expression = "other";
  CHECK(world.Compiled().findings.size() == 2);
}

TEST_CASE("names of headers") {
  FindingWorld world;
  world.AddSource("x", ValueSourceKind::kHeader, "no name");
  CHECK(world.Found() == "error header_name");
  FindingWorld parameter;
  parameter.AddSource("x", ValueSourceKind::kHeaderParam, "Sig", "");
  CHECK(parameter.Found() == "error header_param_name");
  FindingWorld auth;
  auth.endpoint.auth = {model::InboundAuthMode::kApiKey, "", "X: y"};
  auth.AddSecret(SecretPurpose::kApiKey, "hunter2");
  CHECK(auth.Found() == "!error authentication_header_name");
  FindingWorld basic;
  basic.endpoint.auth = {model::InboundAuthMode::kBasic, "a:b", ""};
  basic.AddSecret(SecretPurpose::kBasicPassword, "hunter2");
  CHECK(basic.Found() == "!error authentication_username");
  FindingWorld without;
  without.endpoint.auth = {model::InboundAuthMode::kBearer, "", ""};
  CHECK(without.Found() == "!error authentication_mode");
}

TEST_CASE("warnings: open to everybody, parts that may be missing, credentials as values") {
  CHECK(InboundWorld().Compiled().findings.size() == 1);
  CHECK_FALSE(InboundWorld().Compiled().findings.front().is_error);
  FindingWorld optional;
  optional.endpoint.verification.parts.front().required = false;
  CHECK(optional.Found() == "warning required");
  FindingWorld credential;
  credential.AddSource("c", ValueSourceKind::kHeader, "Cookie");
  CHECK(credential.Found() == "warning header_name");
}

TEST_CASE("the book holds active endpoints, by their exact path; findings are of all") {
  model::Configuration configuration;
  configuration.revision = 12;
  InboundWorld world;
  configuration.inbound_endpoints[7] = world.endpoint;
  model::InboundEndpoint draft = world.endpoint;
  draft.id = 8;
  draft.path = "draft";
  draft.active = false;
  configuration.inbound_endpoints[8] = draft;
  const CompiledGateway gateway = CompileGateway(configuration, world.secrets, world.now);
  CHECK(gateway.book->revision == 12);
  REQUIRE(gateway.book->Find("shop") != nullptr);
  CHECK(gateway.book->Find("shop")->endpoint.id == 7);
  CHECK(gateway.book->Find(7) == gateway.book->Find("shop"));
  CHECK(gateway.book->Find("Shop") == nullptr);
  CHECK(gateway.book->Find("draft") == nullptr);
  CHECK(gateway.book->Find(8) == nullptr);
  CHECK(gateway.findings.size() == 2);
}

}  // namespace
}  // namespace webhook::inbound
