// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/sample_request.h"

#include <doctest/doctest.h>

#include "lib/base/base64.h"
#include "lib/signing/hmac.h"
#include "tests/unit/presets/preset_endpoint.h"

namespace webhook::inbound {
namespace {

struct Made {
  std::vector<Preset> presets = BundledPresets();
  FoundSample sample;

  explicit Made(const char* name) : sample{nullptr, nullptr} {
    const auto found = FindSample(presets, name);
    REQUIRE(found.ok());
    sample = found.value();
  }
  const Preset& preset() const { return *sample.preset; }
};

}  // namespace

TEST_CASE("Stripe: time and signature over both in one header") {
  const Made made("stripe.invoice.paid");
  RequestParts request = Sample(Compiled(made.preset()), made.sample);
  CHECK(request.method == "POST");
  CHECK(Header(request, "Content-Type") == "application/json");
  const std::string mac =
      signing::SignHmac({}, base::Secret(SecretFor(made.preset())), "1795514400." + request.body);
  CHECK(Header(request, "Stripe-Signature") == "t=1795514400,v1=" + mac);
  const auto body = model::ParseJson(request.body);
  REQUIRE(body.ok());
  CHECK(*body.value().Find("created") == model::Value::Integer(1795514400));
  CHECK(*body.value().Find("id") == model::Value::Text(std::string("evt_") + kId));
}

TEST_CASE("Twilio: a form, and a signature over the URL and the sorted fields") {
  const Made made("twilio.message.received");
  RequestParts request = Sample(Compiled(made.preset()), made.sample);
  CHECK(Header(request, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(request.body.find("Body=Where+is+my+order%3F&") != std::string::npos);
  CHECK(request.body.find("To=%2B3225550100") != std::string::npos);
  const std::string id = kId;
  const std::string message = kUrl +
                              std::string(
                                  "AccountSidAC00000000000000000000000000000000"
                                  "ApiVersion2010-04-01BodyWhere is my order?"
                                  "From+3225550142MessageSidSM") +
                              id + "NumMedia0SmsMessageSidSM" + id +
                              "SmsStatusreceivedTo+3225550100ToCountryBE";
  CHECK(Header(request, "X-Twilio-Signature") ==
        signing::SignHmac({signing::Digest::kSha1, signing::Encoding::kBase64},
                          base::Secret(SecretFor(made.preset())), message));
}

TEST_CASE("GitLab: the token is in its header, and nothing is signed") {
  const Made made("gitlab.Push Hook");
  RequestParts request = Sample(Compiled(made.preset()), made.sample);
  CHECK(Header(request, "X-Gitlab-Token") == SecretFor(made.preset()));
  CHECK(Header(request, "X-Gitlab-Event") == "Push Hook");
}

TEST_CASE("basic and bearer authentication") {
  Made made("github.issues");
  Preset preset = made.preset();
  preset.endpoint.verification = {};
  preset.endpoint.auth = {.mode = model::InboundAuthMode::kBasic, .username = "hub"};
  preset.secret_purpose = model::SecretPurpose::kBasicPassword;
  RequestParts basic = Sample(Compiled(preset), made.sample);
  CHECK(Header(basic, "Authorization") ==
        "Basic " + base::EncodeBase64("hub:" + SecretFor(preset)));
  for (const auto& header : basic.headers) CHECK(header.first != "X-Hub-Signature-256");
  preset.endpoint.auth = {.mode = model::InboundAuthMode::kBearer};
  preset.secret_purpose = model::SecretPurpose::kBearerToken;
  RequestParts bearer = Sample(Compiled(preset), made.sample);
  CHECK(Header(bearer, "Authorization") == "Bearer " + SecretFor(preset));
}

TEST_CASE("timestamps are written as the endpoint reads them") {
  Made made("slack.message");
  Preset preset = made.preset();
  const auto header = [&](model::TimestampFormat format) {
    preset.endpoint.verification.timestamp_format = format;
    const CompiledInbound endpoint = Compiled(preset);
    RequestParts request = Sample(endpoint, made.sample);
    CHECK(Verdict(endpoint, request) == "accepted");
    return Header(request, "X-Slack-Request-Timestamp");
  };
  CHECK(header(model::TimestampFormat::kUnix) == "1795514400");
  CHECK(header(model::TimestampFormat::kUnixMs) == "1795514400000");
  CHECK(header(model::TimestampFormat::kIso8601) == "2026-11-24T10:00:00Z");
}

TEST_CASE("with a public key nothing can be signed, and that is said") {
  const Made made("standard_webhooks.invoice.paid");
  const std::string key = "whpk_" + base::EncodeBase64(std::string(32, 'k'));
  const CompiledInbound endpoint = Compiled(made.preset(), {key});
  const auto request = MakeSampleRequest(endpoint, made.sample, {kId, kUrl, kNow});
  REQUIRE_FALSE(request.ok());
  CHECK(request.error().starts_with("the endpoint's newest secret is a public key"));
}

TEST_CASE("an endpoint that can judge nothing gets no sample") {
  const Made made("stripe.invoice.paid");
  const auto request =
      MakeSampleRequest(Compiled(made.preset(), {}), made.sample, {kId, kUrl, kNow});
  REQUIRE_FALSE(request.ok());
  CHECK_FALSE(request.error().empty());
}

TEST_CASE("a sample for another sender's endpoint misses what that one signs") {
  const Made github("github.issues");
  const Made stripe("stripe.invoice.paid");
  const auto request =
      MakeSampleRequest(Compiled(stripe.preset()), github.sample, {kId, kUrl, kNow});
  REQUIRE_FALSE(request.ok());
  CHECK(request.error().starts_with("what is signed cannot be put together: "));
}

}  // namespace webhook::inbound
