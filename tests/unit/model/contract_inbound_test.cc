// SPDX-License-Identifier: LGPL-3.0-or-later
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
using Json = nlohmann::json;
using std::chrono::seconds;

namespace {

Json SourceJson() {
  return {{"id", 21},         {"key", "delivery"},      {"tier", -10},
          {"joiner", ":"},    {"kind", "header_param"}, {"expression", "X-Signature"},
          {"parameter", "t"}, {"normalize", "lower"},   {"hash", "sha512"},
          {"required", true}};
}

Json PartJson() {
  return {{"id", 31},
          {"kind", "header_param"},
          {"expression", "X-Signature"},
          {"parameter", "t"},
          {"required", true}};
}

Json EndpointJson() {
  return {{"id", 5},
          {"path", "shop"},
          {"name", "Shop"},
          {"company_id", 1},
          {"state", "active"},
          {"handler_id", 2},
          {"retry_policy_id", 4},
          {"payload_contract", "form"},
          {"delivery_identity_policy", "idempotency_key"},
          {"replay_identity_policy", "event_id"},
          {"replay_blocks", true},
          {"ordered", true},
          {"challenge", "meta_hub"},
          {"allowed_networks", {"192.0.2.0/24", "::1"}},
          {"auth", {{"mode", "basic"}, {"username", "shop"}, {"header_name", "X-Key"}}},
          {"verification",
           {{"mode", "hmac"},
            {"digest", "sha1"},
            {"encoding", "base64"},
            {"prefix", "sha1="},
            {"joiner", "."},
            {"timestamp_format", "iso8601"},
            {"age_seconds_max", 600},
            {"future_skew_seconds_max", 0},
            {"parts", {PartJson()}}}},
          {"sources", {SourceJson()}},
          {"semantic_bindings", {{{"id", 41}, {"semantic", "delivery_id"}, {"key", "delivery"}}}},
          {"secrets",
           {{{"id", 51},
             {"purpose", "challenge_token"},
             {"value", "env:TOKEN"},
             {"expires_at_ms", 1770000000000}}}}};
}

Json LeastJson() {
  return {{"id", 5},         {"path", "shop"},    {"name", "Shop"},
          {"company_id", 1}, {"state", "active"}, {"retry_policy_id", 4}};
}

Json Good() {
  return Answer({{"unchanged", false},
                 {"configuration",
                  {{"revision", 7},
                   {"handlers", Json::array()},
                   {"endpoints", Json::array()},
                   {"inbound_endpoints", {EndpointJson()}},
                   {"retry_policies", Json::array()}}}});
}

const std::string kAt = "/configuration/inbound_endpoints/0";

InboundEndpoint Read(const Json& endpoint) {
  Json json = Good();
  json["configuration"]["inbound_endpoints"][0] = endpoint;
  REQUIRE(SchemaErrors("configuration_answer", json.dump()) == "");
  const auto decoded = DecodeConfiguration(json.dump());
  REQUIRE_MESSAGE(decoded.ok(), decoded.error().message);
  return decoded.value().configuration->inbound_endpoints.at(5);
}

// The spellings of a member, in the order of their enumerators, the schema's whole list.
template <typename T, typename Get>
void CheckSpellings(const std::string& pointer, const std::string& definition,
                    const std::vector<std::pair<const char*, T>>& spellings, Get get) {
  CAPTURE(pointer);
  for (const auto& [spelling, value] : spellings) {
    Json endpoint = EndpointJson();
    endpoint[Json::json_pointer(pointer)] = spelling;
    CHECK(get(Read(endpoint)) == value);
  }
  const std::string member = MemberName(pointer);
  if (!definition.empty()) CHECK(SchemaEnumSize(definition, member) == spellings.size());
  CheckRefused(Good(), {kAt + pointer, "other"}, DecodeConfiguration);
  CheckMistyped(Good(), kAt + pointer, kNoTexts, DecodeConfiguration);
}

}  // namespace

TEST_CASE("an inbound endpoint is read member by member") {
  const InboundEndpoint endpoint = Read(EndpointJson());
  CHECK(endpoint.id == 5);
  CHECK(endpoint.path == "shop");
  CHECK(endpoint.active);
  CHECK(endpoint.held_reason.empty());
  CHECK(endpoint.handler_id == 2);
  CHECK(endpoint.retry_policy_id == 4);
  CHECK(endpoint.payload_contract == PayloadContract::kForm);
  CHECK(endpoint.delivery_identity == DeliveryIdentity::kIdempotencyKey);
  CHECK(endpoint.replay_identity == ReplayIdentity::kEventId);
  CHECK(endpoint.replay_blocks);
  CHECK(endpoint.ordered);
  CHECK(endpoint.challenge == Challenge::kMetaHub);
  CHECK(endpoint.allowed_networks == std::vector<std::string>{"192.0.2.0/24", "::1"});
  CHECK(endpoint.auth.mode == InboundAuthMode::kBasic);
  CHECK(endpoint.auth.username == "shop");
  CHECK(endpoint.auth.header_name == "X-Key");
  REQUIRE(endpoint.bindings.size() == 1);
  CHECK(endpoint.bindings[0].id == 41);
  CHECK(endpoint.bindings[0].semantic == "delivery_id");
  CHECK(endpoint.bindings[0].key == "delivery");
  REQUIRE(endpoint.secrets.size() == 1);
  CHECK(endpoint.secrets[0].id == 51);
  CHECK(endpoint.secrets[0].purpose == SecretPurpose::kChallengeToken);
  CHECK(endpoint.secrets[0].value == "env:TOKEN");
  CHECK(endpoint.secrets[0].expires_at.has_value());
}

TEST_CASE("a verification is read member by member") {
  const Verification verification = Read(EndpointJson()).verification;
  CHECK(verification.mode == VerificationMode::kHmac);
  CHECK(verification.digest == SignatureDigest::kSha1);
  CHECK(verification.encoding == SignatureEncoding::kBase64);
  CHECK(verification.prefix == "sha1=");
  CHECK(verification.joiner == ".");
  CHECK(verification.timestamp_format == TimestampFormat::kIso8601);
  CHECK(verification.age_max == seconds(600));
  CHECK(verification.future_skew_max == seconds(0));
  REQUIRE(verification.parts.size() == 1);
  CHECK(verification.parts[0].id == 31);
  CHECK(verification.parts[0].kind == VerifiedPartKind::kHeaderParam);
  CHECK(verification.parts[0].expression == "X-Signature");
  CHECK(verification.parts[0].parameter == "t");
  CHECK(verification.parts[0].required);
}

TEST_CASE("a source of a value is read member by member") {
  const std::vector<ValueSource> sources = Read(EndpointJson()).sources;
  REQUIRE(sources.size() == 1);
  CHECK(sources[0].id == 21);
  CHECK(sources[0].key == "delivery");
  CHECK(sources[0].tier == -10);
  CHECK(sources[0].joiner == ":");
  CHECK(sources[0].kind == ValueSourceKind::kHeaderParam);
  CHECK(sources[0].expression == "X-Signature");
  CHECK(sources[0].parameter == "t");
  CHECK(sources[0].normalize == Normalize::kLower);
  CHECK(sources[0].hash == SignatureDigest::kSha512);
  CHECK(sources[0].required);
}

TEST_CASE("what is absent is what the schema says") {
  const InboundEndpoint endpoint = Read(LeastJson());
  CHECK_FALSE(endpoint.handler_id.has_value());
  CHECK(endpoint.payload_contract == PayloadContract::kJsonObject);
  CHECK(endpoint.delivery_identity == DeliveryIdentity::kDeliveryId);
  CHECK(endpoint.replay_identity == ReplayIdentity::kNone);
  CHECK_FALSE(endpoint.replay_blocks);
  CHECK_FALSE(endpoint.ordered);
  CHECK(endpoint.challenge == Challenge::kNone);
  CHECK(endpoint.allowed_networks.empty());
  CHECK(endpoint.auth.mode == InboundAuthMode::kNone);
  CHECK(endpoint.verification.mode == VerificationMode::kNone);
  CHECK(endpoint.sources.empty());
  CHECK(endpoint.bindings.empty());
  CHECK(endpoint.secrets.empty());

  Json json = LeastJson();
  json["verification"] = {{"mode", "standard_webhooks"},
                          {"parts", {{{"id", 1}, {"kind", "literal"}}}}};
  json["sources"] = {{{"id", 2}, {"key", "k"}, {"tier", 1}, {"kind", "literal"}}};
  const InboundEndpoint verified = Read(json);
  CHECK(verified.verification.mode == VerificationMode::kStandardWebhooks);
  CHECK(verified.verification.age_max == seconds(300));
  CHECK(verified.verification.future_skew_max == seconds(300));
  CHECK(verified.verification.digest == SignatureDigest::kSha256);
  CHECK(verified.verification.encoding == SignatureEncoding::kHex);
  CHECK(verified.verification.timestamp_format == TimestampFormat::kUnix);
  CHECK_FALSE(verified.verification.parts.at(0).required);
  CHECK(verified.sources.at(0).normalize == Normalize::kNone);
  CHECK_FALSE(verified.sources.at(0).hash.has_value());
  CHECK_FALSE(verified.sources.at(0).required);
  CHECK(verified.sources.at(0).joiner.empty());
}

TEST_CASE("the closed lists of an inbound endpoint have the spellings of the schema") {
  CheckSpellings<PayloadContract>("/payload_contract", "inbound_endpoint",
                                  {{"json_object", PayloadContract::kJsonObject},
                                   {"json_value", PayloadContract::kJsonValue},
                                   {"form", PayloadContract::kForm},
                                   {"text", PayloadContract::kText},
                                   {"any", PayloadContract::kAny}},
                                  [](const InboundEndpoint& e) { return e.payload_contract; });
  CheckSpellings<DeliveryIdentity>("/delivery_identity_policy", "inbound_endpoint",
                                   {{"delivery_id", DeliveryIdentity::kDeliveryId},
                                    {"idempotency_key", DeliveryIdentity::kIdempotencyKey},
                                    {"body_sha256", DeliveryIdentity::kBodySha256}},
                                   [](const InboundEndpoint& e) { return e.delivery_identity; });
  CheckSpellings<ReplayIdentity>("/replay_identity_policy", "inbound_endpoint",
                                 {{"none", ReplayIdentity::kNone},
                                  {"event_id", ReplayIdentity::kEventId},
                                  {"idempotency_key", ReplayIdentity::kIdempotencyKey}},
                                 [](const InboundEndpoint& e) { return e.replay_identity; });
  CheckSpellings<Challenge>("/challenge", "inbound_endpoint",
                            {{"slack_url_verification", Challenge::kSlackUrlVerification},
                             {"meta_hub", Challenge::kMetaHub},
                             {"microsoft_validation_token", Challenge::kMicrosoftValidationToken}},
                            [](const InboundEndpoint& e) { return e.challenge; });
  CheckSpellings<InboundAuthMode>("/auth/mode", "",
                                  {{"basic", InboundAuthMode::kBasic},
                                   {"bearer", InboundAuthMode::kBearer},
                                   {"api_key", InboundAuthMode::kApiKey}},
                                  [](const InboundEndpoint& e) { return e.auth.mode; });
}

TEST_CASE("the closed lists of a verification have the spellings of the schema") {
  CheckSpellings<VerificationMode>("/verification/mode", "verification",
                                   {{"hmac", VerificationMode::kHmac},
                                    {"standard_webhooks", VerificationMode::kStandardWebhooks}},
                                   [](const InboundEndpoint& e) { return e.verification.mode; });
  CheckSpellings<SignatureDigest>("/verification/digest", "verification",
                                  {{"sha1", SignatureDigest::kSha1},
                                   {"sha256", SignatureDigest::kSha256},
                                   {"sha512", SignatureDigest::kSha512}},
                                  [](const InboundEndpoint& e) { return e.verification.digest; });
  CheckSpellings<SignatureEncoding>(
      "/verification/encoding", "verification",
      {{"hex", SignatureEncoding::kHex}, {"base64", SignatureEncoding::kBase64}},
      [](const InboundEndpoint& e) { return e.verification.encoding; });
  CheckSpellings<TimestampFormat>(
      "/verification/timestamp_format", "verification",
      {{"unix", TimestampFormat::kUnix},
       {"unix_ms", TimestampFormat::kUnixMs},
       {"iso8601", TimestampFormat::kIso8601}},
      [](const InboundEndpoint& e) { return e.verification.timestamp_format; });
  CheckSpellings<VerifiedPartKind>(
      "/verification/parts/0/kind", "",
      {{"raw_body", VerifiedPartKind::kRawBody},
       {"header", VerifiedPartKind::kHeader},
       {"header_param", VerifiedPartKind::kHeaderParam},
       {"payload_path", VerifiedPartKind::kPayloadPath},
       {"literal", VerifiedPartKind::kLiteral},
       {"request_url", VerifiedPartKind::kRequestUrl},
       {"sorted_form_fields", VerifiedPartKind::kSortedFormFields},
       {"http_method", VerifiedPartKind::kHttpMethod}},
      [](const InboundEndpoint& e) { return e.verification.parts.at(0).kind; });
}

TEST_CASE("the closed lists of a source have the spellings of the schema") {
  CheckSpellings<ValueSourceKind>("/sources/0/kind", "request_source",
                                  {{"header", ValueSourceKind::kHeader},
                                   {"header_param", ValueSourceKind::kHeaderParam},
                                   {"payload_path", ValueSourceKind::kPayloadPath},
                                   {"query_parameter", ValueSourceKind::kQueryParameter},
                                   {"literal", ValueSourceKind::kLiteral},
                                   {"body_sha256", ValueSourceKind::kBodySha256}},
                                  [](const InboundEndpoint& e) { return e.sources.at(0).kind; });
  CheckSpellings<Normalize>("/sources/0/normalize", "request_source",
                            {{"none", Normalize::kNone},
                             {"strip", Normalize::kStrip},
                             {"lower", Normalize::kLower},
                             {"upper", Normalize::kUpper}},
                            [](const InboundEndpoint& e) { return e.sources.at(0).normalize; });
  CheckSpellings<SignatureDigest>("/sources/0/hash", "request_source",
                                  {{"sha1", SignatureDigest::kSha1},
                                   {"sha256", SignatureDigest::kSha256},
                                   {"sha512", SignatureDigest::kSha512}},
                                  [](const InboundEndpoint& e) { return *e.sources.at(0).hash; });
}

TEST_CASE("every semantic of the schema can be bound, and no other") {
  for (const std::string_view semantic : kSemantics) {
    Json json = EndpointJson();
    json["semantic_bindings"][0]["semantic"] = semantic;
    CHECK(Read(json).bindings.at(0).semantic == semantic);
  }
  CheckRefused(Good(), {kAt + "/semantic_bindings/0/semantic", "colour"}, DecodeConfiguration);
}

TEST_CASE("an inbound endpoint without a required member is refused by that member's name") {
  for (const char* member :
       {"/auth/mode", "/verification/mode", "/verification/parts/0/id",
        "/verification/parts/0/kind", "/sources/0/id", "/sources/0/key", "/sources/0/tier",
        "/sources/0/kind", "/semantic_bindings/0/id", "/semantic_bindings/0/semantic",
        "/semantic_bindings/0/key", "/secrets/0/id", "/secrets/0/purpose", "/secrets/0/value"}) {
    CheckRequired(Good(), kAt + member, DecodeConfiguration);
  }
}

TEST_CASE("an inbound endpoint with a member of another type is refused by its name") {
  for (const char* member : {"/verification/age_seconds_max",
                             "/verification/future_skew_seconds_max", "/sources/0/id"}) {
    CheckMistyped(Good(), kAt + member, kNoIntegers, DecodeConfiguration);
  }
  for (const char* member :
       {"/auth/username", "/auth/header_name", "/verification/prefix", "/verification/joiner",
        "/verification/parts/0/expression", "/verification/parts/0/parameter", "/sources/0/key",
        "/sources/0/joiner", "/sources/0/expression", "/sources/0/parameter",
        "/semantic_bindings/0/key"}) {
    CheckMistyped(Good(), kAt + member, kNoTexts, DecodeConfiguration);
  }
  for (const char* member :
       {"/replay_blocks", "/ordered", "/verification/parts/0/required", "/sources/0/required"}) {
    CheckMistyped(Good(), kAt + member, kNoFlags, DecodeConfiguration);
  }
  for (const char* member :
       {"/allowed_networks", "/verification/parts", "/sources", "/semantic_bindings", "/secrets"}) {
    CheckMistyped(Good(), kAt + member, kNoLists, DecodeConfiguration);
  }
  for (const auto& [member, value] : std::vector<Spoilt>{
           {"/auth", "basic"},
           {"/verification", Json::array()},
           {"/allowed_networks", {"192.0.2.1", 1}},
           {"/sources/0/tier", std::int64_t{1} << 31},
           {"/sources/0/tier", 1.5},
           {"/sources/0/key", ""},
           {"/semantic_bindings/0/key", ""},
           {"/verification/age_seconds_max", std::int64_t{1} << 31},
       }) {
    CheckRefused(Good(), {kAt + member, value}, DecodeConfiguration);
  }
}

TEST_CASE("no list of an inbound endpoint is longer than the schema says") {
  const Json binding = EndpointJson()["semantic_bindings"][0];
  const Json secret = EndpointJson()["secrets"][0];
  for (const auto& [member, value] : std::vector<Spoilt>{
           {"/allowed_networks", std::vector<Json>(201, "::1")},
           {"/verification/parts", std::vector<Json>(21, PartJson())},
           {"/sources", std::vector<Json>(201, SourceJson())},
           {"/semantic_bindings", std::vector<Json>(14, binding)},
           {"/secrets", std::vector<Json>(51, secret)},
       }) {
    CheckRefused(Good(), {kAt + member, value}, DecodeConfiguration);
    Json at_most = Good();
    at_most[Json::json_pointer(kAt + member)] = std::vector<Json>(value.begin(), value.end() - 1);
    CHECK(SchemaErrors("configuration_answer", at_most.dump()) == "");
    CHECK(DecodeConfiguration(at_most.dump()).ok());
  }
}

TEST_CASE("an inbound endpoint alone is read as strictly, and what is added later is ignored") {
  Json json = EndpointJson();
  json["later"] = 1;
  const auto decoded = DecodeInboundEndpoint(json.dump());
  REQUIRE(decoded.ok());
  CHECK(decoded.value().sources.size() == 1);
  json.erase("path");
  CHECK_FALSE(DecodeInboundEndpoint(json.dump()).ok());
  CheckNeverThrows(EndpointJson().dump(), DecodeInboundEndpoint);
}
