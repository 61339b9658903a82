// SPDX-License-Identifier: LGPL-3.0-or-later
// Published vectors of well-known receivers, and what each setting does.
#include "lib/delivery/request_signature.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/unit/request_signature/styles.h"

namespace webhook::delivery {
namespace {

const std::string kWhsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string kWhsk =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const SignedRequest kStandardRequest{.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                     .body = R"({"test": 2432232314})",
                                     .now = base::FromUnixMs(1'614'265'330'999)};
const std::string kV1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const std::string kV1a =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/"
    "enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

const std::string kBody = R"({"ok": true})";
const std::string kSha256 = "67254c991e15735c1feafd599471b02761c217625c2bd3f139125077ca48354b";

// The signature of kBody, or of `request`, under the secret of the reference's vectors.
std::string TopSecret(const model::Signature& signature, SignedRequest request = {.body = kBody}) {
  return ValueOf(Sign(signature, {"topsecret"}, request), signature.header_name);
}

std::string ErrorOf(const model::Signature& signature, const std::vector<std::string>& secrets,
                    const SignedRequest& request = {.body = kBody}) {
  const auto headers = TrySign(signature, secrets, request);
  REQUIRE_FALSE(headers.ok());
  return headers.error();
}

}  // namespace

TEST_CASE("Standard Webhooks: the published vectors") {
  CHECK(ValueOf(Sign(Standard(), {kWhsec}, kStandardRequest), "webhook-signature") == kV1);
  CHECK(ValueOf(Sign(Standard(), {kWhsk}, kStandardRequest), "webhook-signature") == kV1a);
  const SignedRequest svix{.id = "msg_loFOjxBNrRLzqYUf",
                           .body = R"({"event_type":"ping","data":{"success":true}})",
                           .now = base::FromUnixMs(1'731'705'121'000)};
  CHECK(ValueOf(Sign(Standard(), {"whsec_plJ3nmyCDGBKInavdOK15jsl"}, svix), "webhook-signature") ==
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
}

TEST_CASE("Standard Webhooks: while a secret is replaced, all sign, the newest first") {
  CHECK(ValueOf(Sign(Standard(), {kWhsk, kWhsec}, kStandardRequest), "webhook-signature") ==
        kV1a + " " + kV1);
}

TEST_CASE("Standard Webhooks: id and timestamp are added once") {
  HttpHeaders headers = Sign(Standard(), {kWhsec}, kStandardRequest);
  CHECK(headers.size() == 3);
  CHECK(ValueOf(headers, "webhook-id") == kStandardRequest.id);
  CHECK(ValueOf(headers, "webhook-timestamp") == "1614265330");
  SignedRequest request = kStandardRequest;
  request.headers = {{"Webhook-Id", request.id}, {"webhook-timestamp", "1614265330"}};
  headers = Sign(Standard(), {kWhsec}, request);
  CHECK(headers == HttpHeaders{{"webhook-signature", kV1}});
}

TEST_CASE("GitHub: the published vector") {
  const HttpHeaders headers =
      Sign(GitHub(), {"It's a Secret to Everybody"}, {.body = "Hello, World!"});
  CHECK(headers == HttpHeaders{{"X-Hub-Signature-256",
                                "sha256="
                                "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1"
                                "7"}});
}

TEST_CASE("Slack: the published vector") {
  const SignedRequest request{
      .body =
          "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
          "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
          "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
          "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
          "398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
      .now = base::FromUnixMs(1'531'420'618'000)};
  const HttpHeaders headers = Sign(Slack(), {"8f742231b10e8888abcd99yyyzzz85a5"}, request);
  CHECK(ValueOf(headers, "x-slack-request-timestamp") == "1531420618");
  CHECK(ValueOf(headers, "x-slack-signature") ==
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
}

TEST_CASE("the digests and encodings: vectors of the reference") {
  model::Signature signature = Hmac("X-Signature", "");
  CHECK(TopSecret(signature) == kSha256);
  signature.digest = model::SignatureDigest::kSha1;
  CHECK(TopSecret(signature) == "bb721ef2ada0097fb4f85353189b2ca4071548a0");
  signature.encoding = model::SignatureEncoding::kBase64;
  signature.digest = model::SignatureDigest::kSha256;
  CHECK(TopSecret(signature) == "ZyVMmR4Vc1wf6v1ZlHGwJ2HCF2JcK9PxORJQd8pINUs=");
  signature.digest = model::SignatureDigest::kSha512;
  CHECK(TopSecret(signature) ==
        "8tU+QUqHTkKwTqGbLCxm1uU331Hbtf9V9MPBis6QvTzi0tqSntjpu/"
        "Rb1hah5BGU7nmmspd3bk+BftCpLUL42g==");
}

TEST_CASE("the parts and the joiner: vectors of the reference") {
  model::Signature signature =
      Hmac("X-Signature", "", {{Kind::kRawBody}, {Kind::kLiteral, "suffix"}});
  signature.joiner = "|";
  CHECK(TopSecret(signature) == "79a8903fe54e6f38f1db7be3d7db4ab57beba6ad5923eb7848722ecfbfd82ef3");
  signature = Hmac("X-Signature", "", {{Kind::kHeader, "X-Time"}, {Kind::kRawBody}});
  CHECK(TopSecret(signature, {.headers = {{"x-time", "1700000000"}}, .body = kBody}) ==
        "af08a1129ad308b70dd7f1c945b5b96a25e6d622914f66c1b3303be96b5da29c");
}

TEST_CASE("the body's bytes are signed, whatever they are") {
  const std::string signature = TopSecret(Hmac("X-Signature", ""), {.body = "\xFF\xFE{}"});
  CHECK(signature.starts_with("e8d979da"));
  CHECK(signature.ends_with("c7f30"));
}

TEST_CASE("a secret of an HMAC is its text, also one that looks like another kind") {
  const HttpHeaders as_text = Sign(GitHub(), {kWhsec}, {.body = kBody});
  const HttpHeaders without_prefix = Sign(GitHub(), {kWhsec.substr(6)}, {.body = kBody});
  CHECK(as_text != without_prefix);
}

TEST_CASE("every part, joined") {
  model::Signature signature = Hmac("X-Signature", "",
                                    {{Kind::kHttpMethod},
                                     {Kind::kRequestUrl},
                                     {Kind::kWebhookId},
                                     {Kind::kTimestamp},
                                     {Kind::kHeader, "X-A"},
                                     {Kind::kLiteral, ""},
                                     {Kind::kRawBody}});
  signature.joiner = "--";
  const SignedRequest parts{
      .id = "id", .method = "PUT", .url = "https://u", .headers = {{"x-a", ""}}, .body = "body"};
  const SignedRequest joined{.body = "PUT--https://u--id--1700000000------body"};
  CHECK(TopSecret(signature, parts) == TopSecret(Hmac("X-Signature", ""), joined));
}

TEST_CASE("the timestamp in each format, in a header of its own and in the signature's") {
  model::Signature signature = Hmac("X-Signature", "v=", {{Kind::kTimestamp}, {Kind::kRawBody}});
  signature.timestamp_header_name = "X-Time";
  signature.header_template = "ts={timestamp};{signatures}";
  using Format = model::TimestampFormat;
  for (const auto& [format, text] : {std::pair(Format::kUnix, "1700000000"),
                                     {Format::kUnixMs, "1700000000123"},
                                     {Format::kIso8601, "2023-11-14T22:13:20Z"}}) {
    CAPTURE(text);
    signature.timestamp_format = format;
    const HttpHeaders headers = Sign(signature, {"topsecret"}, {.body = kBody});
    CHECK(ValueOf(headers, "X-Time") == text);
    const std::string expected =
        TopSecret(Hmac("X-Signature", "v="), {.body = std::string(text) + "." + kBody});
    CHECK(ValueOf(headers, "X-Signature") == "ts=" + std::string(text) + ";" + expected);
  }
}

TEST_CASE("the timestamp's own header can be among what is signed") {
  model::Signature signature =
      Hmac("X-Signature", "", {{Kind::kHeader, "x-time"}, {Kind::kRawBody}});
  signature.timestamp_header_name = "X-Time";
  CHECK(TopSecret(signature) == "af08a1129ad308b70dd7f1c945b5b96a25e6d622914f66c1b3303be96b5da29c");
}

TEST_CASE("while a secret is replaced, both sign, or the newest alone") {
  model::Signature signature = GitHub();
  const std::string with_new =
      ValueOf(Sign(signature, {"new"}, {.body = kBody}), signature.header_name);
  const std::string with_old =
      ValueOf(Sign(signature, {"old"}, {.body = kBody}), signature.header_name);
  CHECK(ValueOf(Sign(signature, {"new", "old"}, {.body = kBody}), signature.header_name) ==
        with_new + "," + with_old);
  signature.sign_with = model::SignWith::kNewest;
  CHECK(ValueOf(Sign(signature, {"new", "old"}, {.body = kBody}), signature.header_name) ==
        with_new);
}

TEST_CASE("placeholders are replaced once, whatever stands for them") {
  model::Signature signature = Hmac("X-Signature", "{timestamp}{signatures}");
  CHECK(TopSecret(signature) == "{timestamp}{signatures}" + kSha256);
  signature = Hmac("X-Signature", "");
  signature.header_template = "{signatures} {signatures}";
  CHECK(TopSecret(signature) == kSha256 + " " + kSha256);
}

TEST_CASE("no signature is wanted") {
  CHECK(Sign(model::Signature{}, {}, {.body = kBody}).empty());
  CHECK(Sign(model::Signature{}, {"secret"}, {.body = kBody}).empty());
}

TEST_CASE("a request that cannot be signed: the field is named") {
  CHECK(ErrorOf(GitHub(), {}).starts_with("secret_ids: "));
  CHECK(ErrorOf(GitHub(), {""}).starts_with("secret_ids: "));
  CHECK(ErrorOf(Standard(), {}).starts_with("secret_ids: "));
  CHECK(ErrorOf(Standard(), {"PLANTED!"}) ==
        "secret_ids: a signing secret is neither whsec_… nor whsk_…");
  CHECK(ErrorOf(Standard(), {kWhsec}, {.id = "a.b"}).starts_with("webhook-id: "));
  CHECK(ErrorOf(Standard(), {kWhsec}, {.id = ""}).starts_with("webhook-id: "));
  CHECK(ErrorOf(Hmac("X", "", {}), {"s"}).starts_with("signature_part_ids: "));
  CHECK(ErrorOf(Hmac("X", "", {{Kind::kRawBody}, {Kind::kHeader, "X-None"}}), {"s"}) ==
        "signature_part_ids: the request has no header X-None to be signed");
  CHECK(ErrorOf(Hmac("X Y", ""), {"s"}).starts_with("signature_header_name: "));
  CHECK(ErrorOf(Hmac("Host", ""), {"s"}).starts_with("signature_header_name: "));
  CHECK(ErrorOf(Hmac("X", "a\r\nb: c"), {"s"}).starts_with("signature_header_template: "));
  CHECK(ErrorOf(GitHub(), {"s"}, {.headers = {{"x-hub-signature-256", "mine"}}}) ==
        "signature_header_name: the request has a header X-Hub-Signature-256 already");
  model::Signature signature = GitHub();
  signature.timestamp_header_name = "X-T\n";
  CHECK(ErrorOf(signature, {"s"}).starts_with("signature_timestamp_header_name: "));
}

}  // namespace webhook::delivery
