// SPDX-License-Identifier: LGPL-3.0-or-later
// Signatures that others published, and those of the reference, through the whole judgement.
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::SecretPurpose;
using model::SignatureDigest;
using model::SignatureEncoding;

// The request is right, and wrong with one bit of the body changed, or with another secret.
void CheckSigned(InboundWorld world) {
  CHECK(world.Verdict() == "accepted");
  InboundWorld altered = world;
  if (altered.parts.body.empty()) {
    altered.parts.body = "x";
  } else {
    altered.parts.body.back() = static_cast<char>(altered.parts.body.back() ^ 1);
  }
  CHECK(altered.Verdict() == "signature");
  for (auto& [stored, secret] : world.secrets.values) {
    const std::size_t last = secret.size() - 2;
    secret[last] = secret[last] == 'A' ? 'B' : 'A';
  }
  CHECK(world.Verdict() == "signature");
}

TEST_CASE("GitHub: It's a Secret to Everybody") {
  InboundWorld world;
  world.endpoint.payload_contract = model::PayloadContract::kText;
  world.SignWith("It's a Secret to Everybody");
  world.endpoint.verification.prefix = "sha256=";
  world.SetBody("text/plain", "Hello, World!");
  world.SetHeader("X-Signature",
                  "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
  CheckSigned(world);
}

InboundWorld SlackWorld() {
  InboundWorld world;
  world.endpoint.payload_contract = model::PayloadContract::kForm;
  world.SignWith("8f742231b10e8888abcd99yyyzzz85a5");
  auto& verification = world.endpoint.verification;
  verification.prefix = "v0=";
  verification.joiner = ":";
  verification.age_max = verification.future_skew_max = std::chrono::seconds(300);
  world.AddPart(VerifiedPartKind::kLiteral, "v0");
  world.AddPart(VerifiedPartKind::kHeader, "X-Slack-Request-Timestamp");
  world.AddPart(VerifiedPartKind::kRawBody);
  world.AddSource("timestamp", ValueSourceKind::kHeader, "X-Slack-Request-Timestamp");
  world.Bind("signature_timestamp", "timestamp");
  world.now = base::WallTime(std::chrono::seconds(1531420618));
  world.SetHeader("X-Slack-Request-Timestamp", "1531420618");
  world.SetHeader("X-Signature",
                  "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
  world.SetBody(kFormType,
                "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_"
                "id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%"
                "2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%"
                "2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."
                "47445629121.803a0bc887a14d10d2c447fce8b6703c");
  return world;
}

TEST_CASE("Slack: the documented slash command") {
  CheckSigned(SlackWorld());
  InboundWorld stale = SlackWorld();
  stale.now += std::chrono::seconds(301);
  CHECK(stale.Verdict() == "freshness");
}

TEST_CASE("Twilio: the documented requests, over URL and form fields") {
  for (const auto& [number, signature] :
       {std::pair("%2B14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        std::pair("%2B12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")}) {
    InboundWorld world;
    world.endpoint.payload_contract = model::PayloadContract::kForm;
    world.SignWith("12345");
    world.endpoint.verification.digest = SignatureDigest::kSha1;
    world.endpoint.verification.encoding = SignatureEncoding::kBase64;
    world.AddPart(VerifiedPartKind::kRequestUrl);
    world.AddPart(VerifiedPartKind::kSortedFormFields);
    world.parts.url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    world.SetHeader("X-Signature", signature);
    world.SetBody(kFormType, std::string("To=%2B18005551212&Digits=1234&From=") + number +
                                 "&CallSid=CA1234567890ABCDE&Caller=" + number);
    CheckSigned(world);
    InboundWorld elsewhere = world;
    elsewhere.parts.url += "&x=1";
    CHECK(elsewhere.Verdict() == "signature");
  }
}

InboundWorld StandardWorld(std::string secret, std::string id, std::int64_t seconds,
                           std::string signature, std::string body) {
  InboundWorld world;
  world.endpoint.verification.mode = model::VerificationMode::kStandardWebhooks;
  world.AddSecret(SecretPurpose::kSigning, std::move(secret));
  world.now = base::WallTime(std::chrono::seconds(seconds));
  world.SetHeader("Webhook-Id", std::move(id));
  world.SetHeader("webhook-timestamp", std::to_string(seconds));
  world.SetHeader("webhook-signature", std::move(signature));
  world.SetBody(kJsonType, std::move(body));
  return world;
}

TEST_CASE("Standard Webhooks: published vectors of v1 and v1a") {
  CheckSigned(StandardWorld(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", R"({"test": 2432232314})"));
  CheckSigned(StandardWorld("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121,
                            "v2,x v1,bm8= v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
                            R"({"event_type":"ping","data":{"success":true}})"));
  InboundWorld ed25519 = StandardWorld("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
                                       "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                                       "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/"
                                       "enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
                                       R"({"test": 2432232314})");
  CHECK(ed25519.Verdict() == "accepted");
  ed25519.parts.body = R"({"test": 2432232315})";
  CHECK(ed25519.Verdict() == "signature");
}

TEST_CASE("Standard Webhooks: the endpoint's own limits, each for itself") {
  const auto world_at = [](int offset, int age_max, int skew_max) {
    InboundWorld world = StandardWorld(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", R"({"test": 2432232314})");
    world.now += std::chrono::seconds(offset);
    world.endpoint.verification.age_max = std::chrono::seconds(age_max);
    world.endpoint.verification.future_skew_max = std::chrono::seconds(skew_max);
    return world.Verdict();
  };
  CHECK(world_at(300, 300, 300) == "accepted");
  CHECK(world_at(301, 300, 300) == "freshness");
  CHECK(world_at(-60, 300, 60) == "accepted");
  CHECK(world_at(-61, 300, 60) == "freshness");
  CHECK(world_at(1'000'000, 0, 60) == "accepted");
  CHECK(world_at(-1'000'000, 60, 0) == "accepted");
}

struct Vector {
  SignatureDigest digest;
  SignatureEncoding encoding;
  const char* signature;
};

TEST_CASE("the reference's digests and encodings") {
  for (const Vector& vector :
       {Vector{SignatureDigest::kSha1, SignatureEncoding::kHex,
               "bb721ef2ada0097fb4f85353189b2ca4071548a0"},
        Vector{SignatureDigest::kSha256, SignatureEncoding::kHex,
               "67254c991e15735c1feafd599471b02761c217625c2bd3f139125077ca48354b"},
        Vector{SignatureDigest::kSha256, SignatureEncoding::kHex,
               "67254C991E15735C1FEAFD599471B02761C217625C2BD3F139125077CA48354B"},
        Vector{SignatureDigest::kSha256, SignatureEncoding::kBase64,
               "ZyVMmR4Vc1wf6v1ZlHGwJ2HCF2JcK9PxORJQd8pINUs="},
        Vector{SignatureDigest::kSha512, SignatureEncoding::kBase64,
               "8tU+QUqHTkKwTqGbLCxm1uU331Hbtf9V9MPBis6QvTzi0tqSntjpu/"
               "Rb1hah5BGU7nmmspd3bk+BftCpLUL42g=="}}) {
    InboundWorld world;
    world.SignWith("topsecret");
    world.endpoint.verification.digest = vector.digest;
    world.endpoint.verification.encoding = vector.encoding;
    world.SetBody(kJsonType, R"({"ok": true})");
    world.SetHeader("X-Signature", vector.signature);
    CheckSigned(world);
  }
}

TEST_CASE("the reference's parts and joiners") {
  InboundWorld suffixed;
  suffixed.SignWith("topsecret");
  suffixed.endpoint.verification.joiner = "|";
  suffixed.AddPart(VerifiedPartKind::kRawBody);
  suffixed.AddPart(VerifiedPartKind::kLiteral, "suffix");
  suffixed.SetBody(kJsonType, R"({"ok": true})");
  suffixed.SetHeader("X-Signature",
                     "79a8903fe54e6f38f1db7be3d7db4ab57beba6ad5923eb7848722ecfbfd82ef3");
  CheckSigned(suffixed);

  InboundWorld stripe;
  stripe.SignWith("topsecret");
  stripe.endpoint.sources.front().kind = ValueSourceKind::kHeaderParam;
  stripe.endpoint.sources.front().parameter = "v1";
  stripe.endpoint.verification.joiner = ".";
  stripe.endpoint.verification.age_max = std::chrono::seconds(300);
  stripe.AddPart(VerifiedPartKind::kHeaderParam, "X-Signature", "t");
  stripe.AddPart(VerifiedPartKind::kRawBody);
  stripe.AddSource("t", ValueSourceKind::kHeaderParam, "X-Signature", "t");
  stripe.Bind("signature_timestamp", "t");
  stripe.SetBody(kJsonType, R"({"ok": true})");
  stripe.SetHeader("X-Signature",
                   "t=1700000000,v1=00,"
                   "v1=af08a1129ad308b70dd7f1c945b5b96a25e6d622914f66c1b3303be96b5da29c,v0=x");
  CHECK(stripe.Compiled().findings.empty());
  CheckSigned(stripe);
  stripe.now += std::chrono::seconds(301);
  CHECK(stripe.Verdict() == "freshness");
}

TEST_CASE("what is signed are the bytes, whether they are UTF-8 or not") {
  InboundWorld world;
  world.SignWith("topsecret");
  world.endpoint.payload_contract = model::PayloadContract::kAny;
  world.SetBody("text/plain", "\xFF\xFE{}");
  world.SetHeader("X-Signature",
                  "e8d979da10920c6a866005b4d2cfe31b36e15dd923b50e954709967da05c7f30");
  CHECK(world.Verdict() == "accepted");
  CHECK(world.Event().body == "\xFF\xFE{}");
  world.parts.body = "\xFE\xFE{}";
  CHECK(world.Verdict() == "signature");
}

}  // namespace
}  // namespace webhook::inbound
