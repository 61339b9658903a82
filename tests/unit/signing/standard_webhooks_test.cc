// SPDX-License-Identifier: LGPL-3.0-or-later
// The published vectors of Standard Webhooks 1.0.0.
#include "lib/signing/standard_webhooks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "lib/base/base64.h"
#include "lib/signing/ed25519.h"

namespace webhook::signing {
namespace {

constexpr const char* kSymmetric = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kPrivate =
    "whsk_6Xb/dCcHpPea21PS1N9VY/"
    "NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
constexpr const char* kPublic = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
constexpr std::int64_t kSeconds = 1614265330;
const SignedMessage kMessage{"msg_p5jXN8AQM9LWM0D4loKWxJek", kSeconds, R"({"test": 2432232314})"};
constexpr const char* kV1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr const char* kV1a =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/"
    "enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

SigningKey Signing(const char* text) {
  auto key = ParseSigningKey(base::Secret(text));
  REQUIRE(key);
  return *key;
}

VerifyingKey Verifying(const char* text) {
  auto key = ParseVerifyingKey(base::Secret(text));
  REQUIRE(key);
  return *key;
}

using Verdict = StandardWebhookVerdict;

struct Received {
  std::string id{kMessage.id};
  std::string timestamp = std::to_string(kSeconds);
  std::string signature = kV1;
  std::string body{kMessage.body};
  std::vector<VerifyingKey> keys = {Verifying(kSymmetric)};
  std::int64_t now = kSeconds;

  Verdict Check() const {
    return VerifyStandardWebhook(keys, {id, timestamp, signature}, body,
                                 base::WallTime(std::chrono::seconds(now)));
  }
};

}  // namespace

TEST_CASE("the published v1 vectors") {
  CHECK(SignStandardWebhook({Signing(kSymmetric)}, kMessage) == kV1);
  CHECK(SignStandardWebhook({Signing("whsec_plJ3nmyCDGBKInavdOK15jsl")},
                            {"msg_loFOjxBNrRLzqYUf", 1731705121,
                             R"({"event_type":"ping","data":{"success":true}})"}) ==
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
  CHECK(Received().Check() == Verdict::kValid);
}

TEST_CASE("the published v1a vector, signed and verified") {
  CHECK(SignStandardWebhook({Signing(kPrivate)}, kMessage) == kV1a);
  Received received;
  received.signature = kV1a;
  CHECK(received.Check() == Verdict::kNoMatch);  // the key is for v1 only
  received.keys = {Verifying(kPublic)};
  CHECK(received.Check() == Verdict::kValid);
  received.body += " ";
  CHECK(received.Check() == Verdict::kNoMatch);
}

TEST_CASE("the first vector of RFC 8032, section 7.1") {
  const base::Secret seed(*base::DecodeBase64("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="));
  CHECK(base::EncodeBase64(Ed25519PublicKey(seed)) ==
        "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  CHECK(VerifyEd25519(Ed25519PublicKey(seed), "", SignEd25519(seed, "")));
  CHECK_FALSE(VerifyEd25519(Ed25519PublicKey(seed), "x", SignEd25519(seed, "")));
  CHECK_FALSE(VerifyEd25519("short", "", SignEd25519(seed, "")));
  CHECK_FALSE(VerifyEd25519(Ed25519PublicKey(seed), "", ""));
}

TEST_CASE("several keys sign while one is being replaced; any of them verifies") {
  Received received;
  received.signature = SignStandardWebhook(
      {Signing("whsec_plJ3nmyCDGBKInavdOK15jsl"), Signing(kSymmetric), Signing(kPrivate)},
      kMessage);
  CHECK(std::count(received.signature.begin(), received.signature.end(), ' ') == 2);
  CHECK(received.Check() == Verdict::kValid);
  received.keys = {Verifying(kPublic)};
  CHECK(received.Check() == Verdict::kValid);
  received.keys = {};
  CHECK(received.Check() == Verdict::kNoMatch);
}

TEST_CASE("unknown versions and rubbish in the header are skipped") {
  Received received;
  received.signature = std::string("v2,abc  v1, v1,é v1 ,") + " " + kV1;
  CHECK(received.Check() == Verdict::kValid);
  received.signature = "v1,AAAA v1a,AAAA \xFF";
  CHECK(received.Check() == Verdict::kNoMatch);
}

TEST_CASE("the timestamp may be five minutes off, not a second more") {
  Received received;
  received.now = kSeconds + 300;
  CHECK(received.Check() == Verdict::kValid);
  received.now = kSeconds + 301;
  CHECK(received.Check() == Verdict::kTooOld);
  received.now = kSeconds - 300;
  CHECK(received.Check() == Verdict::kValid);
  received.now = kSeconds - 301;
  CHECK(received.Check() == Verdict::kTooNew);
  received.signature = "v1,AAAA";  // a forger learns nothing about our clock
  CHECK(received.Check() == Verdict::kNoMatch);
}

TEST_CASE("headers that cannot be") {
  for (const char* timestamp : {"", "-1", "1614265330.5", " 1614265330", "1e9", "+1",
                                "99999999999999999999", "253402300800"}) {
    CAPTURE(timestamp);
    Received received;
    received.timestamp = timestamp;
    CHECK(received.Check() == Verdict::kHeaderInvalid);
  }
  Received received;
  received.id = "";
  CHECK(received.Check() == Verdict::kHeaderInvalid);
  received = Received();
  received.signature = "";
  CHECK(received.Check() == Verdict::kHeaderInvalid);
}

TEST_CASE("a full stop in the id is refused: the parts could be shifted") {
  // "msg.1614265330.2.x" is signed as (msg, 1614265330, "2.x") and could be shown as another one.
  Received received;
  received.signature = SignStandardWebhook({Signing(kSymmetric)}, {"msg", kSeconds, "2.x"});
  received.id = "msg." + std::to_string(kSeconds);
  received.timestamp = "2";
  received.body = "x";
  received.now = 2;
  CHECK(received.Check() == Verdict::kHeaderInvalid);
}

TEST_CASE("keys") {
  CHECK(ParseSigningKey(base::Secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));  // no prefix
  CHECK(ParseSigningKey(base::Secret("whsec_AAE")));                         // no padding
  for (const char* wrong : {"", "whsec_", "whsec_%%%%", "whsk_AAAA", "whpk_AAAA",
                            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dR"
                            "qSKJp4AJ6p9lMicMFs6Kvw=="}) {  // the halves do not belong together
    CAPTURE(wrong);
    CHECK_FALSE(ParseSigningKey(base::Secret(wrong)));
  }
  CHECK_FALSE(ParseVerifyingKey(base::Secret("whpk_AAAA")));
  CHECK_FALSE(ParseVerifyingKey(base::Secret("whsec_")));
}

}  // namespace webhook::signing
