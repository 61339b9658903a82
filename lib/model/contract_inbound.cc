// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbound endpoint of the configuration document.
#include <algorithm>

#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

// Limits of the schema (configuration.schema.json).
constexpr std::size_t kNetworksMax = 200;
constexpr std::size_t kSourcesMax = 200;
constexpr std::size_t kBindingsMax = std::size(kSemantics);

constexpr Spellings<PayloadContract, 5> kPayloadContracts = {
    {{"json_object", PayloadContract::kJsonObject},
     {"json_value", PayloadContract::kJsonValue},
     {"form", PayloadContract::kForm},
     {"text", PayloadContract::kText},
     {"any", PayloadContract::kAny}}};
constexpr Spellings<Challenge, 3> kChallenges = {
    {{"slack_url_verification", Challenge::kSlackUrlVerification},
     {"meta_hub", Challenge::kMetaHub},
     {"microsoft_validation_token", Challenge::kMicrosoftValidationToken}}};
constexpr Spellings<InboundAuthMode, 3> kAuthModes = {{{"basic", InboundAuthMode::kBasic},
                                                       {"bearer", InboundAuthMode::kBearer},
                                                       {"api_key", InboundAuthMode::kApiKey}}};
constexpr Spellings<VerificationMode, 2> kVerificationModes = {
    {{"hmac", VerificationMode::kHmac},
     {"standard_webhooks", VerificationMode::kStandardWebhooks}}};
constexpr Spellings<VerifiedPartKind, 8> kPartKinds = {
    {{"raw_body", VerifiedPartKind::kRawBody},
     {"header", VerifiedPartKind::kHeader},
     {"header_param", VerifiedPartKind::kHeaderParam},
     {"payload_path", VerifiedPartKind::kPayloadPath},
     {"literal", VerifiedPartKind::kLiteral},
     {"request_url", VerifiedPartKind::kRequestUrl},
     {"sorted_form_fields", VerifiedPartKind::kSortedFormFields},
     {"http_method", VerifiedPartKind::kHttpMethod}}};
constexpr Spellings<ValueSourceKind, 6> kSourceKinds = {
    {{"header", ValueSourceKind::kHeader},
     {"header_param", ValueSourceKind::kHeaderParam},
     {"payload_path", ValueSourceKind::kPayloadPath},
     {"query_parameter", ValueSourceKind::kQueryParameter},
     {"literal", ValueSourceKind::kLiteral},
     {"body_sha256", ValueSourceKind::kBodySha256}}};
constexpr Spellings<Normalize, 4> kNormalizes = {{{"none", Normalize::kNone},
                                                  {"strip", Normalize::kStrip},
                                                  {"lower", Normalize::kLower},
                                                  {"upper", Normalize::kUpper}}};

bool IsPathSegment(std::string_view text) {
  return !text.empty() && text.find('/') == std::string_view::npos;
}

bool IsSomething(std::string_view text) { return !text.empty(); }

bool IsSemantic(std::string_view text) {
  return std::find(std::begin(kSemantics), std::end(kSemantics), text) != std::end(kSemantics);
}

std::string ReadKey(const Json& json) {
  return ReadTextThat(json, "key", "must not be empty", IsSomething);
}

void ReadSecondsIfThere(const Json& json, const char* key, std::chrono::seconds& value) {
  if (FindMember(json, key) != nullptr) {
    value = std::chrono::seconds(ReadWhole(json, key, 0, kIntegerMax));
  }
}

ValueSource ReadValueSource(const Json& json) {
  ValueSource source;
  source.id = ReadId(json, "id");
  source.key = ReadKey(json);
  source.tier = static_cast<int>(ReadWhole(json, "tier", -kIntegerMax - 1, kIntegerMax));
  source.joiner = ReadOptionalText(json, "joiner");
  source.kind = ReadOneOf(json, "kind", kSourceKinds);
  source.expression = ReadOptionalText(json, "expression");
  source.parameter = ReadOptionalText(json, "parameter");
  ReadIfThere(json, "normalize", kNormalizes, source.normalize);
  if (json.contains("hash")) source.hash = ReadOneOf(json, "hash", kDigests);
  source.required = ReadOptionalFlag(json, "required");
  return source;
}

SemanticBinding ReadBinding(const Json& json) {
  return {ReadId(json, "id"),
          ReadTextThat(json, "semantic", "must be one of the semantic names", IsSemantic),
          ReadKey(json)};
}

VerifiedPart ReadPart(const Json& json) {
  return {ReadId(json, "id"), ReadOneOf(json, "kind", kPartKinds),
          ReadOptionalText(json, "expression"), ReadOptionalText(json, "parameter"),
          ReadOptionalFlag(json, "required")};
}

Verification ReadVerification(const Json& json) {
  Verification verification;
  verification.mode = ReadOneOf(json, "mode", kVerificationModes);
  ReadIfThere(json, "digest", kDigests, verification.digest);
  ReadIfThere(json, "encoding", kEncodings, verification.encoding);
  ReadIfThere(json, "prefix", verification.prefix);
  ReadIfThere(json, "joiner", verification.joiner);
  ReadIfThere(json, "timestamp_format", kTimestampFormats, verification.timestamp_format);
  verification.parts = ReadOptionalRows(json, "parts", kPartsMax, ReadPart);
  ReadSecondsIfThere(json, "age_seconds_max", verification.age_max);
  ReadSecondsIfThere(json, "future_skew_seconds_max", verification.future_skew_max);
  return verification;
}

InboundAuth ReadAuth(const Json& json) {
  return {ReadOneOf(json, "mode", kAuthModes), ReadOptionalText(json, "username"),
          ReadOptionalText(json, "header_name")};
}

std::vector<std::string> ReadNetworks(const Json& json) {
  std::vector<std::string> networks;
  if (FindMember(json, "allowed_networks") == nullptr) return networks;
  for (const Json& network : ReadList(json, "allowed_networks", kNetworksMax)) {
    networks.push_back(ReadText({{"allowed_networks", network}}, "allowed_networks"));
  }
  return networks;
}

void ReadIdentity(const Json& json, InboundEndpoint& endpoint) {
  if (json.contains("delivery_identity_policy")) {
    endpoint.delivery_identity =
        ReadSpelled(json, "delivery_identity_policy", DeliveryIdentity::kBodySha256);
  }
  if (json.contains("replay_identity_policy")) {
    endpoint.replay_identity =
        ReadSpelled(json, "replay_identity_policy", ReplayIdentity::kIdempotencyKey);
  }
  endpoint.replay_blocks = ReadOptionalFlag(json, "replay_blocks");
}

void ReadSecurity(const Json& json, InboundEndpoint& endpoint) {
  ReadIfThere(json, "challenge", kChallenges, endpoint.challenge);
  endpoint.allowed_networks = ReadNetworks(json);
  if (json.contains("auth")) endpoint.auth = ReadAuth(ReadObject(json, "auth"));
  if (json.contains("verification")) {
    endpoint.verification = ReadVerification(ReadObject(json, "verification"));
  }
  endpoint.secrets = ReadOptionalRows(json, "secrets", kSecretsMax, ReadSecret);
}

}  // namespace

InboundEndpoint ReadInboundEndpoint(const Json& json) {
  InboundEndpoint endpoint;
  endpoint.id = ReadId(json, "id");
  endpoint.path = ReadTextThat(json, "path", "must be one segment of a path", IsPathSegment);
  endpoint.active = ReadOneOf(json, "state", kActiveByState);
  endpoint.held_reason = ReadOptionalText(json, "held_reason");
  endpoint.handler_id = ReadOptionalId(json, "handler_id");
  endpoint.retry_policy_id = ReadId(json, "retry_policy_id");
  ReadIfThere(json, "payload_contract", kPayloadContracts, endpoint.payload_contract);
  endpoint.ordered = ReadOptionalFlag(json, "ordered");
  ReadIdentity(json, endpoint);
  ReadSecurity(json, endpoint);
  endpoint.sources = ReadOptionalRows(json, "sources", kSourcesMax, ReadValueSource);
  endpoint.bindings = ReadOptionalRows(json, "semantic_bindings", kBindingsMax, ReadBinding);
  return endpoint;
}

Decoded<InboundEndpoint> DecodeInboundEndpoint(std::string_view json) {
  return DecodeText("inbound endpoint", json, ReadInboundEndpoint);
}

}  // namespace webhook::model
