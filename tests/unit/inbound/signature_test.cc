// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/inbound/verify_signature.h"
#include "lib/signing/hmac.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

using model::SecretPurpose;
using std::chrono::seconds;

std::string Hmac(const std::string& secret, std::string_view message) {
  return signing::SignHmac({}, base::Secret(secret), message);
}

struct SignatureWorld : InboundWorld {
  SignatureWorld() {
    SignWith("topsecret");
    SetBody(kJsonType, R"({"id": "e1", "ok": true})");
  }

  std::string Message() {
    const Request request(parts);
    const auto message = SignedMessage(Compiled(), request);
    return message.ok() ? message.value() : "missing: " + message.error().name;
  }
  // Signs what the parts say.
  void Sign(const std::string& secret = "topsecret") {
    SetHeader("X-Signature", Hmac(secret, Message()));
  }
};

TEST_CASE("without parts the body is signed") {
  SignatureWorld world;
  CHECK(world.Message() == world.parts.body);
  world.parts.body.clear();
  CHECK(world.Message() == "");
}

TEST_CASE("parts are joined in their order") {
  SignatureWorld world;
  world.endpoint.verification.joiner = "|";
  world.SetHeader("X-Time", "17");
  world.SetHeader("Sig", "t=5, t=6");
  world.AddPart(VerifiedPartKind::kHttpMethod);
  world.AddPart(VerifiedPartKind::kRequestUrl);
  world.AddPart(VerifiedPartKind::kHeader, "x-time");
  world.AddPart(VerifiedPartKind::kHeaderParam, "Sig", "T");
  world.AddPart(VerifiedPartKind::kPayloadPath, "id");
  world.AddPart(VerifiedPartKind::kLiteral, "v0");
  world.AddPart(VerifiedPartKind::kRawBody);
  CHECK(world.Message() ==
        "POST|https://hooks.example.com/webhooks/in/shop|17|5|e1|v0|" + world.parts.body);
  world.Sign();
  CHECK(world.Verdict() == "accepted");
}

TEST_CASE("a required part that is missing refuses the request, another one is left out") {
  SignatureWorld world;
  world.endpoint.verification.joiner = ".";
  world.AddPart(VerifiedPartKind::kHeader, "X-Time");
  world.AddPart(VerifiedPartKind::kRawBody);
  CHECK(world.Message() == "missing: the header X-Time");
  world.SetHeader("X-Signature", Hmac("topsecret", world.parts.body));
  CHECK(world.Verdict() == "signature");
  world.endpoint.verification.parts.front().required = false;
  CHECK(world.Message() == world.parts.body);
  CHECK(world.Verdict() == "accepted");
}

TEST_CASE("an empty body is a part, too") {
  SignatureWorld world;
  world.endpoint.verification.joiner = ".";
  world.parts.body.clear();
  world.AddPart(VerifiedPartKind::kLiteral, "v0");
  world.AddPart(VerifiedPartKind::kRawBody);
  CHECK(world.Message() == "v0.");
}

TEST_CASE("form fields are sorted; what they do not hold is refused") {
  SignatureWorld world;
  world.parts.headers.clear();
  world.endpoint.payload_contract = model::PayloadContract::kAny;
  world.AddPart(VerifiedPartKind::kSortedFormFields).required = false;
  world.SetBody(kFormType, "b=2&a=%2B1&b=1&b=2&c=");
  CHECK(world.Message() == "a+1b1b2c");
  world.SetBody("multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--");
  CHECK(world.Message() == "a1");
  world.SetBody(
      "multipart/form-data; boundary=x",
      "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\n1\r\n--x--");
  CHECK(world.Message() == "missing: a form without files");
  world.SetBody(kJsonType, R"({"a": 1})");
  CHECK(world.Message() == "missing: a form without files");
}

TEST_CASE("a missing and a wrong signature") {
  SignatureWorld world;
  CHECK(world.Verdict() == "signature");
  world.SetHeader("X-Signature", "");
  CHECK(world.Verdict() == "signature");
  world.SetHeader("X-Signature", Hmac("topsecret", "something else"));
  CHECK(world.Verdict() == "signature");
  CHECK(world.Event().rejection_reason == "the signature is wrong");
  world.Sign();
  CHECK(world.Verdict() == "accepted");
}

TEST_CASE("the prefix is taken off where it is") {
  SignatureWorld world;
  world.endpoint.verification.prefix = "sha256=";
  const std::string signature = Hmac("topsecret", world.parts.body);
  for (const std::string prefix : {"sha256=", ""}) {
    world.SetHeader("X-Signature", prefix + signature);
    CHECK(world.Verdict() == "accepted");
  }
  world.SetHeader("X-Signature", "SHA256=" + signature);
  CHECK(world.Verdict() == "signature");
}

TEST_CASE("any secret that is valid now, and no other") {
  SignatureWorld world;
  world.AddSecret(SecretPurpose::kSigning, "old", world.now + seconds(60));
  world.AddSecret(SecretPurpose::kSigning, "gone", world.now - seconds(1));
  world.AddSecret(SecretPurpose::kApiKey, "other");
  for (const auto& tried : {std::pair("topsecret", "accepted"), std::pair("old", "accepted"),
                            std::pair("gone", "signature"), std::pair("other", "signature")}) {
    CAPTURE(tried.first);
    world.Sign(tried.first);
    CHECK(world.Verdict() == tried.second);
  }
}

TEST_CASE("a secret that expires after it was opened") {
  SignatureWorld world;
  world.AddSecret(SecretPurpose::kSigning, "old", world.now + seconds(60));
  const CompiledInbound compiled = world.Compiled();
  world.Sign("old");
  const Request request(world.parts);
  CHECK(VerifySignature(compiled, request, world.now + seconds(59)) == SignatureVerdict::kValid);
  CHECK(VerifySignature(compiled, request, world.now + seconds(60)) == SignatureVerdict::kWrong);
}

TEST_CASE("nobody is blamed when every secret has expired") {
  SignatureWorld world;
  world.endpoint.secrets.front().expires_at = world.now + seconds(60);
  world.Sign();
  const CompiledInbound compiled = world.Compiled();
  const Request request(world.parts);
  const Judgement late = Judge(compiled, request, std::string(kUid), world.now + seconds(61));
  CHECK(std::get<Rejected>(late).category == RejectionCategory::kConfiguration);
}

TEST_CASE("signatures of all tiers and a list in one header are looked at") {
  SignatureWorld world;
  world.AddSource("signature", ValueSourceKind::kHeader, "X-Old-Signature").tier = 20;
  const std::string signature = Hmac("topsecret", world.parts.body);
  world.SetHeader("X-Signature", "00");
  world.SetHeader("X-Old-Signature", signature);
  CHECK(world.Verdict() == "accepted");
  world.SetHeader("X-Old-Signature", "00");
  world.SetHeader("X-Signature", std::string(64, '0') + "," + signature);
  CHECK(world.Verdict() == "accepted");
}

struct FreshnessWorld : SignatureWorld {
  FreshnessWorld() {
    endpoint.verification.age_max = seconds(300);
    endpoint.verification.future_skew_max = seconds(60);
    endpoint.verification.joiner = ".";
    AddPart(VerifiedPartKind::kHeader, "X-Time");
    AddPart(VerifiedPartKind::kRawBody);
    AddSource("time", ValueSourceKind::kHeader, "X-Time");
    Bind("signature_timestamp", "time");
  }
  std::string At(const std::string& timestamp) {
    SetHeader("X-Time", timestamp);
    Sign();
    return Verdict();
  }
  std::string Aged(std::int64_t age) { return At(std::to_string(kNowSeconds - age)); }
};

TEST_CASE("freshness: what is exactly at the limit is accepted") {
  FreshnessWorld world;
  CHECK(world.Aged(0) == "accepted");
  CHECK(world.Aged(300) == "accepted");
  CHECK(world.Aged(301) == "freshness");
  CHECK(world.Aged(-60) == "accepted");
  CHECK(world.Aged(-61) == "freshness");
  CHECK(world.Event().rejection_reason == "the signature's timestamp is in the future");
}

TEST_CASE("freshness: each limit for itself, none with 0") {
  FreshnessWorld world;
  world.endpoint.verification.age_max = seconds(0);
  CHECK(world.Aged(1'000'000) == "accepted");
  CHECK(world.Aged(-61) == "freshness");
  world.endpoint.verification.future_skew_max = seconds(0);
  CHECK(world.Aged(-1'000'000) == "accepted");
  CHECK(world.At("garbage") == "accepted");
}

TEST_CASE("freshness: a timestamp that is missing or malformed") {
  FreshnessWorld world;
  for (const std::string timestamp :
       {"1.7e9", "1700000000.5", "-1", "9999999999999999999999", "²", "now"}) {
    CAPTURE(timestamp);
    CHECK(world.At(timestamp) == "freshness");
  }
  FreshnessWorld without;
  without.endpoint.verification.parts.erase(without.endpoint.verification.parts.begin());
  without.Sign();
  CHECK(without.Verdict() == "freshness");
}

TEST_CASE("freshness is only judged of what is signed") {
  FreshnessWorld world;
  world.SetHeader("X-Time", "1");
  world.SetHeader("X-Signature", "00");
  CHECK(world.Verdict() == "signature");
}

TEST_CASE("nothing is parsed before it is verified") {
  SignatureWorld world;
  const CompiledInbound compiled = world.Compiled();
  world.SetHeader("X-Signature", "00");
  const Request request(world.parts);
  CHECK(std::holds_alternative<Rejected>(Judge(compiled, request, std::string(kUid), world.now)));
  CHECK_FALSE(request.payload_was_parsed());
}

}  // namespace
}  // namespace webhook::inbound
