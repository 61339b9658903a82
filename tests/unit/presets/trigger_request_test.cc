// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/trigger_request.h"

#include <doctest/doctest.h>

#include "tests/fakes/fake_secrets.h"
#include "tests/unit/presets/preset_endpoint.h"

namespace webhook::app {
namespace {

model::Configuration With(std::vector<std::string> paths) {
  model::Configuration configuration;
  model::RecordId id = 0;
  for (std::string& path : paths) {
    model::InboundEndpoint& endpoint = configuration.inbound_endpoints[++id];
    endpoint.id = id;
    endpoint.path = std::move(path);
  }
  return configuration;
}

config::GatewayConfig Gateway(std::string listen, std::string public_url = "") {
  config::GatewayConfig gateway;
  gateway.listen = std::move(listen);
  gateway.public_url = std::move(public_url);
  return gateway;
}

std::string SendTo(const config::GatewayConfig& gateway, const std::string& given = "") {
  const auto urls = UrlsOf(gateway, given);
  return urls.ok() ? urls.value().send_to : "error: " + urls.error();
}

std::string CalledAs(const config::GatewayConfig& gateway, const std::string& given = "") {
  const auto urls = UrlsOf(gateway, given);
  return urls.ok() ? urls.value().called_as : "error: " + urls.error();
}

}  // namespace

TEST_CASE("an endpoint is found by its path, draft ones too") {
  CHECK(EndpointWithPath(With({"stripe", "github"}), "github").value().id == 2);
  CHECK(EndpointWithPath(With({"stripe-eu"}), "stripe-ue").error() ==
        "Odoo has no inbound endpoint with the path stripe-ue; did you mean stripe-eu?");
  CHECK(EndpointWithPath(With({"stripe"}), "q").error() ==
        "Odoo has no inbound endpoint with the path q; its form shows the path");
  CHECK(EndpointWithPath(With({}), "q").error().starts_with("Odoo has no inbound endpoint that"));
}

TEST_CASE("the gateway is called by its public URL, else where it listens") {
  CHECK(SendTo(Gateway("127.0.0.1:8080")) == "http://127.0.0.1:8080");
  CHECK(SendTo(Gateway("0.0.0.0:8080")) == "http://127.0.0.1:8080");
  CHECK(SendTo(Gateway("[::]:8080")) == "http://[::1]:8080");
  CHECK(SendTo(Gateway("127.0.0.1:8080", "https://hooks.example.com")) ==
        "https://hooks.example.com");
  config::GatewayConfig tls = Gateway("127.0.0.1:8443");
  tls.tls_certificate_file = "/tls.pem";
  CHECK(SendTo(tls) == "https://127.0.0.1:8443");
  CHECK(SendTo(Gateway("127.0.0.1:0")).starts_with("error: the configuration names no gateway"));
  CHECK(SendTo(Gateway("")).starts_with("error: the configuration names no gateway"));
}

TEST_CASE("an address that is given is sent to, and the public one is signed") {
  const auto gateway = Gateway("127.0.0.1:8080", "https://hooks.example.com");
  CHECK(SendTo(gateway, "http://10.0.0.5:8080/") == "http://10.0.0.5:8080");
  CHECK(CalledAs(gateway, "http://10.0.0.5:8080") == "https://hooks.example.com");
  CHECK(CalledAs(Gateway(""), "http://10.0.0.5:8080") == "http://10.0.0.5:8080");
  CHECK(SendTo(gateway, "10.0.0.5") ==
        "error: --url: \"10.0.0.5\" is not an http or https URL; expected scheme, host and perhaps "
        "port, as senders write them: https://hooks.example.com");
}

TEST_CASE("the request goes to one address and is signed for the other") {
  const std::vector<inbound::Preset> presets = inbound::BundledPresets();
  const auto sample = inbound::FindSample(presets, "twilio.message.received");
  REQUIRE(sample.ok());
  model::InboundEndpoint endpoint = sample.value().preset->endpoint;
  fakes::FakeSecrets secrets;
  secrets.values["env:T"] = "token";
  endpoint.secrets.push_back({1, model::SecretPurpose::kSigning, "env:T"});
  const GatewayUrls urls{"http://127.0.0.1:8080", "https://hooks.example.com"};
  const auto made =
      TriggerRequest(endpoint, secrets, {sample.value(), inbound::kId, inbound::kNow}, urls);
  REQUIRE_MESSAGE(made.ok(), made.error().sentence);
  CHECK(made.value().url == "http://127.0.0.1:8080/webhooks/in/twilio");
  inbound::RequestParts as_seen = made.value();
  as_seen.url = "https://hooks.example.com/webhooks/in/twilio";
  const auto compiled = inbound::CompileInbound(endpoint, secrets, inbound::kNow);
  CHECK(inbound::Verdict(compiled, as_seen) == "accepted");
  CHECK(inbound::Verdict(compiled, made.value()) == "rejected: signature");
}

TEST_CASE("a request is refused with the reason why it cannot be made") {
  const std::vector<inbound::Preset> presets = inbound::BundledPresets();
  const auto sample = inbound::FindSample(presets, "stripe.invoice.paid");
  fakes::FakeSecrets secrets;
  const auto made = TriggerRequest(sample.value().preset->endpoint, secrets,
                                   {sample.value(), inbound::kId, inbound::kNow}, {"a", "a"});
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().sentence.starts_with("no request that stripe would accept can be made: "));
}

TEST_CASE("a printed request shows no credential") {
  const std::vector<inbound::Preset> presets = inbound::BundledPresets();
  const auto sample = inbound::FindSample(presets, "gitlab.Push Hook");
  REQUIRE(sample.ok());
  const inbound::CompiledInbound compiled = inbound::Compiled(*sample.value().preset);
  const std::string text =
      RequestText(inbound::Sample(compiled, sample.value()), compiled.endpoint);
  CHECK(text.starts_with("POST https://hooks.example.com/webhooks/in/test\n"));
  CHECK(text.find("X-Gitlab-Token: ***\n") != std::string::npos);
  CHECK(text.find("X-Gitlab-Event: Push Hook\n") != std::string::npos);
  CHECK(text.find(inbound::SecretFor(*sample.value().preset)) == std::string::npos);
}

TEST_CASE("an answer that is not good comes with something to look at") {
  for (const int status : {400, 401, 403, 404, 413, 415, 429, 503}) {
    CAPTURE(status);
    CHECK_FALSE(Advice(status).empty());
  }
  CHECK(Advice(500).empty());
}

}  // namespace webhook::app
