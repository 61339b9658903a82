// SPDX-License-Identifier: LGPL-3.0-or-later
// Random endpoints and requests: nothing crashes, what is signed is accepted, and nothing else.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "lib/base/random.h"
#include "lib/base/utf8.h"
#include "lib/delivery/hmac_scheme.h"
#include "lib/inbound/verify_signature.h"
#include "lib/signing/hmac.h"
#include "lib/signing/standard_webhooks.h"
#include "tests/unit/inbound/inbound_world.h"

namespace webhook::inbound {
namespace {

constexpr std::uint64_t kSeeds = 3000;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::size_t Below(std::size_t count) { return random_.Next() % count; }
  bool OneIn(std::size_t count) { return Below(count) == 0; }

  std::string Text() {
    constexpr std::array<std::string_view, 24> kPieces = {
        "",  "a",    "v1",  "t",    "=",       ",",          ";",     "\"",
        "é", "\xFF", "0",   "9999", "sha256=", "1700000000", " ",     "{\"a\": 1}",
        "[", "\r\n", "--x", "&",    "%41",     "$",          "a.b.c", "²"};
    std::string text;
    for (std::size_t i = Below(6); i > 0; --i) text += kPieces[Below(kPieces.size())];
    if (OneIn(20)) text += '\0';
    if (OneIn(50)) text += std::string(Below(100'000), 'z');
    return text;
  }

  std::string Name() {
    constexpr std::array<std::string_view, 8> kNames = {
        "Sig", "X-A", "x-b", "Content-Type", "Cookie", "Authorization", "a[*].b", "a"};
    return OneIn(20) ? Text() : std::string(kNames[Below(kNames.size())]);
  }

  std::string ContentType() {
    constexpr std::array<std::string_view, 8> kTypes = {
        "",           "application/json",   "application/x-www-form-urlencoded",
        "text/plain", "text/xml",           "multipart/form-data; boundary=x",
        "*/*",        "multipart/form-data"};
    return OneIn(8) ? Text() : std::string(kTypes[Below(kTypes.size())]);
  }

  std::string Body() {
    constexpr std::array<std::string_view, 6> kBodies = {
        R"({"a": {"b": [1, "x", null]}, "type": "url_verification", "challenge": "c"})",
        "a=1&b=2&a=%FF",
        "--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n1\r\n--x--",
        "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x\r\n",
        "[[[[1]]]]",
        "hello"};
    std::string body = OneIn(4) ? Text() : std::string(kBodies[Below(kBodies.size())]);
    for (std::size_t i = Below(4); i > 0 && !body.empty(); --i) {
      if (OneIn(2)) body[Below(body.size())] = static_cast<char>(random_.Next());
    }
    return body;
  }

 private:
  base::SeededRandom random_;
};

template <typename Enum>
Enum Pick(Maker& make, std::size_t count) {
  return static_cast<Enum>(make.Below(count));
}

void AddSources(Maker& make, InboundWorld& world) {
  constexpr std::array<const char*, 4> kKeys = {"signature", "time", "id", "other"};
  for (std::size_t i = make.Below(8); i > 0; --i) {
    auto& source = world.AddSource(kKeys[make.Below(4)], Pick<ValueSourceKind>(make, 6),
                                   make.Name(), make.OneIn(2) ? "v1" : make.Name());
    source.tier = make.OneIn(2) ? 10 : 20;
    source.normalize = Pick<model::Normalize>(make, 4);
    if (make.OneIn(4)) source.hash = Pick<model::SignatureDigest>(make, 3);
    source.required = make.OneIn(3);
    source.joiner = make.OneIn(3) ? make.Text() : "";
  }
  for (const auto& [semantic, key] :
       {std::pair("signature", "signature"), std::pair("signature_timestamp", "time"),
        std::pair("delivery_id", "id"), std::pair("event_id", "other")}) {
    if (make.OneIn(2)) world.Bind(semantic, key);
  }
}

InboundWorld RandomWorld(Maker& make) {
  InboundWorld world;
  auto& endpoint = world.endpoint;
  endpoint.payload_contract = Pick<model::PayloadContract>(make, 5);
  if (make.OneIn(4)) endpoint.delivery_identity = Pick<model::DeliveryIdentity>(make, 3);
  if (make.OneIn(4)) endpoint.replay_identity = Pick<model::ReplayIdentity>(make, 3);
  endpoint.challenge = Pick<model::Challenge>(make, 4);
  if (make.OneIn(4)) {
    endpoint.auth = {Pick<model::InboundAuthMode>(make, 4), make.Text(), make.Name()};
  }
  if (make.OneIn(2)) endpoint.verification.mode = Pick<model::VerificationMode>(make, 3);
  endpoint.verification.prefix = make.OneIn(2) ? "" : make.Text();
  endpoint.verification.joiner = make.OneIn(2) ? "" : make.Text();
  endpoint.verification.encoding = Pick<model::SignatureEncoding>(make, 2);
  endpoint.verification.timestamp_format = Pick<model::TimestampFormat>(make, 3);
  if (make.OneIn(8))
    endpoint.allowed_networks.push_back(make.OneIn(2) ? "192.0.2.0/24" : make.Text());
  for (int purpose = 0; purpose < 7; ++purpose) {
    if (make.OneIn(2)) {
      world.AddSecret(static_cast<model::SecretPurpose>(purpose),
                      make.OneIn(2) ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" : make.Text());
    }
  }
  AddSources(make, world);
  for (std::size_t i = make.Below(4); i > 0; --i) {
    world.AddPart(Pick<VerifiedPartKind>(make, 8), make.Name(), make.Name()).required =
        make.OneIn(2);
  }
  return world;
}

void FillRequest(Maker& make, InboundWorld& world) {
  world.parts.method = make.OneIn(4) ? "GET" : "POST";
  world.parts.url += "?" + make.Text() + "&validationToken=" + make.Text() +
                     "&hub.mode=subscribe&hub.verify_token=" + make.Text();
  world.SetHeader("Content-Type", make.ContentType());
  for (std::size_t i = make.Below(8); i > 0; --i) world.SetHeader(make.Name(), make.Text());
  world.parts.body = make.Body();
  if (make.OneIn(4)) world.parts.remote_address = make.Text();
}

// What a protocol carries.
bool IsCarried(std::string_view text) {
  while (!text.empty()) {
    const base::Utf8Character character = base::ReadUtf8(text);
    if (character.bytes == 0 || character.code_point == 0) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

void CheckEvent(const model::IngestedEvent& event) {
  for (const auto* texts :
       {&event.headers, &event.query, &event.resolved_values, &event.semantics}) {
    for (const auto& [name, value] : *texts) {
      CHECK(IsCarried(name));
      CHECK(IsCarried(value));
      CHECK(value.size() <= (64U << 10));
    }
  }
  for (const std::string* text : {&event.identity_key, &event.replay_identity_key, &event.payload,
                                  &event.remote_address, &event.rejection_reason}) {
    CHECK(IsCarried(*text));
  }
  CHECK(event.identity_key.size() <= 512);
  CHECK(event.rejected == event.identity_key.empty());
  CHECK(event.rejected == !event.rejection_category.empty());
  for (const char* name : {"cookie", "authorization"}) {
    if (event.headers.contains(name)) CHECK(event.headers.at(name) == "***");
  }
}

TEST_CASE(
    "random requests for random endpoints: a clean verdict, and an event that can be stored") {
  int accepted = 0;
  int challenged = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Maker make(seed);
    InboundWorld world = RandomWorld(make);
    FillRequest(make, world);
    const Judgement judgement = world.Judged();
    if (const auto* event = std::get_if<Accepted>(&judgement)) {
      ++accepted;
      CheckEvent(event->event);
    } else if (const auto* rejected = std::get_if<Rejected>(&judgement)) {
      CHECK(StatusCode(rejected->category) >= 400);
      CheckEvent(rejected->event);
    } else {
      ++challenged;
    }
  }
  CHECK(accepted > 20);  // or nothing of the above was looked at
  CHECK(challenged > 5);
}

// One whose parts are all in the request, with the body among them.
InboundWorld SignedWorld(Maker& make) {
  InboundWorld world;
  auto& verification = world.endpoint.verification;
  world.endpoint.payload_contract = model::PayloadContract::kAny;
  world.SignWith("secret " + std::to_string(make.Below(1000)));
  verification.digest = Pick<model::SignatureDigest>(make, 3);
  verification.encoding = Pick<model::SignatureEncoding>(make, 2);
  verification.prefix = make.OneIn(2) ? "v0=" : "";
  verification.joiner = make.OneIn(2) ? "." : "";
  verification.age_max = std::chrono::seconds(300);
  world.AddSource("time", ValueSourceKind::kHeaderParam, "X-Meta", "t");
  world.Bind("signature_timestamp", "time");
  world.AddPart(VerifiedPartKind::kHeaderParam, "X-Meta", "t");
  for (std::size_t i = make.Below(4); i > 0; --i) {
    constexpr std::array<VerifiedPartKind, 4> kKinds = {
        VerifiedPartKind::kHeader, VerifiedPartKind::kLiteral, VerifiedPartKind::kRequestUrl,
        VerifiedPartKind::kHttpMethod};
    world.AddPart(kKinds[make.Below(4)], "X-Meta");
  }
  world.AddPart(VerifiedPartKind::kRawBody);
  std::rotate(verification.parts.begin(),
              verification.parts.begin() +
                  static_cast<std::ptrdiff_t>(make.Below(verification.parts.size())),
              verification.parts.end());
  world.SetHeader("X-Meta", "t=1700000000");
  world.parts.body = "!" + make.Body();
  return world;
}

std::string SignatureOf(InboundWorld& world) {
  const CompiledInbound compiled = world.Compiled();
  REQUIRE(compiled.problem == "");
  const Request request(world.parts);
  const auto message = SignedMessage(compiled, request);
  REQUIRE(message.ok());
  const auto& verification = world.endpoint.verification;
  return signing::SignHmac({delivery::DigestOf(verification.digest),
                            delivery::EncodingOf(verification.encoding), verification.prefix},
                           compiled.signing_secrets.front().secret, message.value());
}

void FlipBit(Maker& make, std::string& text) {
  const std::size_t at = make.Below(text.size());
  text[at] = static_cast<char>(text[at] ^ (1 << make.Below(8)));
}

TEST_CASE("what is signed is accepted; one flipped bit of body, signature or timestamp is not") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Maker make(seed);
    InboundWorld world = SignedWorld(make);
    const std::string signature = SignatureOf(world);
    world.SetHeader("X-Signature", signature);
    CHECK(world.Verdict() == "accepted");

    InboundWorld body = world;
    FlipBit(make, body.parts.body);
    CHECK(body.Verdict() == "signature");

    // Hexadecimal may be in either case, so a flipped bit 5 of a letter is the same signature.
    InboundWorld sign = world;
    std::string& altered = sign.parts.headers.back().second;
    const std::size_t last = altered.size() - 3;
    altered[last] = altered[last] == '0' ? '1' : '0';
    CHECK(sign.Verdict() == "signature");

    InboundWorld time = world;
    time.parts.headers.front().second = "t=1700000001";
    CHECK(time.Verdict() == "signature");
  }
}

TEST_CASE("Standard Webhooks: what is signed is accepted, one flipped bit is not") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Maker make(seed);
    InboundWorld world;
    world.endpoint.payload_contract = model::PayloadContract::kText;
    world.endpoint.verification.mode = model::VerificationMode::kStandardWebhooks;
    const base::Secret secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    world.AddSecret(model::SecretPurpose::kSigning, secret.Reveal());
    world.parts.body = "!" + make.Body();
    world.SetHeader("webhook-id", "msg_" + std::to_string(seed));
    world.SetHeader("webhook-timestamp", std::to_string(kNowSeconds));
    world.SetHeader("webhook-signature",
                    "v1,AAAA " + signing::SignStandardWebhook({*signing::ParseSigningKey(secret)},
                                                              {world.parts.headers[0].second,
                                                               kNowSeconds, world.parts.body}));
    CHECK(world.Verdict() == "accepted");
    InboundWorld body = world;
    FlipBit(make, body.parts.body);
    CHECK(body.Verdict() == "signature");
    InboundWorld id = world;
    id.parts.headers[0].second += "x";
    CHECK(id.Verdict() == "signature");
  }
}

}  // namespace
}  // namespace webhook::inbound
