// SPDX-License-Identifier: LGPL-3.0-or-later
// Whatever somebody sends: a clean category, quickly.
#include <doctest/doctest.h>

#include "lib/signing/hmac.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

std::string Repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// Signature and timestamp in one header, as Stripe has them.
InboundWorld StripeWorld() {
  InboundWorld world;
  world.endpoint.verification.mode = model::VerificationMode::kHmac;
  world.endpoint.verification.joiner = ".";
  world.AddSecret(model::SecretPurpose::kSigning, "topsecret");
  world.AddSource("s", ValueSourceKind::kHeaderParam, "Sig", "v1");
  world.AddSource("t", ValueSourceKind::kHeaderParam, "Sig", "t");
  world.Bind("signature", "s");
  world.Bind("signature_timestamp", "t");
  world.AddPart(VerifiedPartKind::kHeaderParam, "Sig", "t");
  world.AddPart(VerifiedPartKind::kRawBody);
  world.SetBody(kJsonType, "{}");
  return world;
}

TEST_CASE("garbage where the signature should be is a wrong signature") {
  const std::string digits(64, '0');
  for (const std::string& header :
       {std::string(), std::string("t=1700000000"), std::string("v1=é,t=1"),
        std::string("v1=\0\0,t=1", 10), std::string("t=1,v1=\xFF\xFE"), std::string("===,,;;\"\""),
        "t=1,v1=" + digits, "t=" + std::string(1'000'000, '9') + ",v1=" + digits,
        "t=²,v1=" + digits, "t=1," + Repeated("v1=" + digits + ",", 10'000),
        "t=1,v1=" + std::string(1U << 20, 'a'), std::string(1U << 20, ','),
        Repeated("v1=,", 250'000)}) {
    InboundWorld world = StripeWorld();
    world.SetHeader("Sig", header);
    CAPTURE(header.substr(0, 40));
    CHECK(world.Verdict() == "signature");
  }
}

TEST_CASE("a signature behind too many others is not looked for") {
  const std::string right = signing::SignHmac({}, base::Secret("topsecret"), "1700000000.{}");
  for (const auto& [before, verdict] : {std::pair(signing::kCandidatesMax - 1, "accepted"),
                                        std::pair(signing::kCandidatesMax, "signature")}) {
    InboundWorld world = StripeWorld();
    world.SetHeader("Sig", "t=1700000000," + Repeated("v1=00,", before) + "v1=" + right);
    CHECK(world.Verdict() == verdict);
  }
}

TEST_CASE("a signed timestamp that is none") {
  for (const std::string& timestamp :
       {std::string("1.5"), std::string(100, '9'), std::string("²"), std::string("-1")}) {
    InboundWorld world = StripeWorld();
    world.SetHeader("Sig", "t=" + timestamp + ",v1=" +
                               signing::SignHmac({}, base::Secret("topsecret"), timestamp + ".{}"));
    CHECK(world.Verdict() == "freshness");
  }
}

TEST_CASE("Standard Webhooks headers that are none") {
  InboundWorld world;
  world.endpoint.verification.mode = model::VerificationMode::kStandardWebhooks;
  world.AddSecret(model::SecretPurpose::kSigning, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  world.SetBody(kJsonType, "{}");
  CHECK(world.Verdict() == "signature");
  for (const auto& [id, timestamp, signature, verdict] :
       {std::tuple("a.b", "1700000000", "v1,AA==", "signature"),
        std::tuple("a", "17e8", "v1,AA==", "freshness"), std::tuple("a", "-1", "v1,x", "freshness"),
        std::tuple("a", "1700000000", "v1", "signature"),
        std::tuple("a", "1700000000", "v1,,,, v1a, é", "signature"),
        std::tuple("", "1700000000", "v1,AA==", "signature")}) {
    world.SetHeader("webhook-id", id);
    world.SetHeader("webhook-timestamp", timestamp);
    world.SetHeader("webhook-signature", signature);
    CHECK(world.Verdict() == verdict);
  }
}

TEST_CASE("bodies that are deep, large or full of NUL") {
  for (const auto& tried :
       {std::pair(Repeated("[", 1'000'000), "payload"),
        std::pair("{\"a\":" + Repeated("[", 99) + Repeated("]", 99) + "}", "accepted"),
        std::pair("{\"a\":" + Repeated("[", 100) + Repeated("]", 100) + "}", "payload"),
        std::pair(Repeated("{\"a\":", 100'000), "payload"),
        std::pair(std::string(1'000'000, '\0'), "payload"),
        std::pair("{\"a\": " + std::string(1'000'000, '9') + "}", "accepted"),
        std::pair(std::string(R"({"a": "\ud800"})"), "accepted"),
        std::pair(std::string(R"({"a\u0000": "\u0000"})"), "accepted")}) {
    InboundWorld world;
    world.AddSource("a", ValueSourceKind::kPayloadPath, "$");
    world.SetBody(kJsonType, tried.first);
    CAPTURE(tried.first.substr(0, 30));
    CHECK(world.Verdict() == tried.second);
  }
}

TEST_CASE("forms with too many fields") {
  for (const auto& [count, verdict] : {std::pair(rules::kFormFieldsMax, "accepted"),
                                       std::pair(rules::kFormFieldsMax + 1, "payload"),
                                       std::pair(std::size_t{1'000'000}, "payload")}) {
    InboundWorld world;
    world.endpoint.payload_contract = model::PayloadContract::kForm;
    world.SetBody(kFormType, Repeated("a=1&", count));
    CHECK(world.Verdict() == verdict);
  }
}

TEST_CASE("headers and URLs of any bytes") {
  InboundWorld world;
  world.SetBody(kJsonType, "{}");
  world.SetHeader(std::string("\0\xFF", 2), "x");
  world.SetHeader("X-Big", std::string(1U << 20, '\xFF'));
  world.parts.url = std::string("\0?%%%=\xFF&", 9) + Repeated("a&", 100'000);
  world.parts.remote_address = std::string(1'000, '\0');
  CHECK(world.Verdict() == "accepted");
  CHECK(world.Event().headers.contains("\\u0000\\xff"));
  CHECK(world.Event().remote_address.size() <= 64);
}

}  // namespace
}  // namespace webhook::inbound
