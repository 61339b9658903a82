// SPDX-License-Identifier: LGPL-3.0-or-later
// An outbound endpoint of the configuration document, and secrets of both directions.
#include "lib/base/assert.h"
#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

// Limits of the schema (configuration.schema.json).
constexpr std::size_t kContextLinesMax = 100;
constexpr std::size_t kHeaderRulesMax = 100;
constexpr std::size_t kPayloadRulesMax = 200;
constexpr std::int64_t kRateCountMax = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kFailuresMax = 1'000;
constexpr std::int64_t kRedirectsMax = 5;

constexpr Spellings<SecretPurpose, 7> kPurposes = {
    {{"signing", SecretPurpose::kSigning},
     {"basic_password", SecretPurpose::kBasicPassword},
     {"bearer_token", SecretPurpose::kBearerToken},
     {"api_key", SecretPurpose::kApiKey},
     {"oauth2_client_secret", SecretPurpose::kOauth2ClientSecret},
     {"client_key", SecretPurpose::kClientKey},
     {"challenge_token", SecretPurpose::kChallengeToken}}};
constexpr Spellings<SignatureMode, 2> kSignatureModes = {
    {{"standard_webhooks", SignatureMode::kStandardWebhooks}, {"hmac", SignatureMode::kHmac}}};
constexpr Spellings<SignWith, 2> kSignWith = {
    {{"all", SignWith::kAll}, {"newest", SignWith::kNewest}}};
constexpr Spellings<SignaturePartKind, 7> kPartKinds = {
    {{"raw_body", SignaturePartKind::kRawBody},
     {"timestamp", SignaturePartKind::kTimestamp},
     {"webhook_id", SignaturePartKind::kWebhookId},
     {"http_method", SignaturePartKind::kHttpMethod},
     {"request_url", SignaturePartKind::kRequestUrl},
     {"header", SignaturePartKind::kHeader},
     {"literal", SignaturePartKind::kLiteral}}};
constexpr Spellings<AuthMode, 4> kAuthModes = {
    {{"basic", AuthMode::kBasic},
     {"bearer", AuthMode::kBearer},
     {"api_key", AuthMode::kApiKey},
     {"oauth2_client_credentials", AuthMode::kOauth2ClientCredentials}}};
constexpr Spellings<ClientAuthentication, 2> kClientAuthentications = {
    {{"header", ClientAuthentication::kHeader}, {"body", ClientAuthentication::kBody}}};

bool IsPath(std::string_view text) { return text.starts_with('/'); }

ShapeRule ReadShapeRule(const Json& json) {
  return {ReadId(json, "id"), ReadText(json, "target"), ReadSource(json)};
}

SignaturePart ReadPart(const Json& json) {
  return {ReadOneOf(json, "kind", kPartKinds), ReadOptionalText(json, "value")};
}

Signature ReadSignature(const Json& json) {
  Signature signature;
  signature.mode = ReadOneOf(json, "mode", kSignatureModes);
  ReadIfThere(json, "digest", kDigests, signature.digest);
  ReadIfThere(json, "encoding", kEncodings, signature.encoding);
  ReadIfThere(json, "prefix", signature.prefix);
  ReadIfThere(json, "header_name", signature.header_name);
  ReadIfThere(json, "header_template", signature.header_template);
  ReadIfThere(json, "joiner", signature.joiner);
  signature.parts = ReadOptionalRows(json, "parts", kPartsMax, ReadPart);
  ReadIfThere(json, "timestamp_header_name", signature.timestamp_header_name);
  ReadIfThere(json, "timestamp_format", kTimestampFormats, signature.timestamp_format);
  ReadIfThere(json, "sign_with", kSignWith, signature.sign_with);
  return signature;
}

Auth ReadAuth(const Json& json) {
  Auth auth;
  auth.mode = ReadOneOf(json, "mode", kAuthModes);
  ReadIfThere(json, "username", auth.username);
  ReadIfThere(json, "header_name", auth.header_name);
  ReadIfThere(json, "token_url", auth.token_url);
  ReadIfThere(json, "client_id", auth.client_id);
  ReadIfThere(json, "scope", auth.scope);
  ReadIfThere(json, "audience", auth.audience);
  ReadIfThere(json, "client_authentication", kClientAuthentications, auth.client_authentication);
  return auth;
}

RateLimit ReadRateLimit(const Json& json) {
  return {static_cast<int>(ReadWhole(json, "count", 1, kRateCountMax)),
          std::chrono::seconds(ReadWhole(json, "period_seconds", 1, kDaySeconds))};
}

BreakerSettings ReadBreaker(const Json& json) {
  return {static_cast<int>(ReadWhole(json, "failures_max", 1, kFailuresMax)),
          std::chrono::seconds(ReadWhole(json, "open_seconds", 1, kDaySeconds))};
}

void ReadShape(const Json& json, Endpoint& endpoint) {
  ReadIfThere(json, "content_type", endpoint.content_type);
  endpoint.context_lines = ReadOptionalRows(json, "context_lines", kContextLinesMax, ReadShapeRule);
  endpoint.header_rules = ReadOptionalRows(json, "header_rules", kHeaderRulesMax, ReadShapeRule);
  endpoint.payload_rules = ReadOptionalRows(json, "payload_rules", kPayloadRulesMax, ReadShapeRule);
}

void ReadSecurity(const Json& json, Endpoint& endpoint) {
  if (json.contains("signature")) endpoint.signature = ReadSignature(ReadObject(json, "signature"));
  if (json.contains("auth")) endpoint.auth = ReadAuth(ReadObject(json, "auth"));
  if (json.contains("tls")) {
    const Json& tls = ReadObject(json, "tls");
    endpoint.tls.client_certificate_pem = ReadOptionalText(tls, "client_certificate_pem");
    endpoint.tls.ca_certificate_pem = ReadOptionalText(tls, "ca_certificate_pem");
  }
  endpoint.secrets = ReadOptionalRows(json, "secrets", kSecretsMax, ReadSecret);
}

void ReadLimits(const Json& json, Endpoint& endpoint) {
  endpoint.timeout = std::chrono::seconds(ReadInt(json, "timeout_seconds", 1));
  endpoint.concurrency_max = ReadInt(json, "concurrency_max", 1);
  endpoint.capture_bytes_max = static_cast<std::size_t>(ReadInt(json, "capture_bytes_max", 0));
  if (json.contains("rate_limit")) {
    endpoint.rate_limit = ReadRateLimit(ReadObject(json, "rate_limit"));
  }
  if (json.contains("breaker")) endpoint.breaker = ReadBreaker(ReadObject(json, "breaker"));
  if (json.contains("redirects_max")) {
    endpoint.redirects_max = static_cast<int>(ReadWhole(json, "redirects_max", 0, kRedirectsMax));
  }
}

}  // namespace

SecretEntry ReadSecret(const Json& json) {
  SecretEntry secret;
  secret.id = ReadId(json, "id");
  secret.purpose = ReadOneOf(json, "purpose", kPurposes);
  secret.value = ReadText(json, "value");
  if (json.contains("expires_at_ms")) secret.expires_at = ReadTime(json, "expires_at_ms");
  return secret;
}

Endpoint ReadEndpoint(const Json& json) {
  Endpoint endpoint;
  endpoint.id = ReadId(json, "id");
  endpoint.code = ReadText(json, "code");
  endpoint.active = ReadOneOf(json, "state", kActiveByState);
  endpoint.held_reason = ReadOptionalText(json, "held_reason");
  endpoint.handler_id = ReadOptionalId(json, "handler_id");
  endpoint.target_hostname = ReadText(json, "target_hostname");
  endpoint.target_path = ReadTextThat(json, "target_path", "must start with /", IsPath);
  endpoint.retry_policy_id = ReadId(json, "retry_policy_id");
  endpoint.capture_request = ReadFlag(json, "capture_request");
  endpoint.capture_response = ReadFlag(json, "capture_response");
  ReadLimits(json, endpoint);
  ReadShape(json, endpoint);
  ReadSecurity(json, endpoint);
  return endpoint;
}

std::string_view Spelling(SecretPurpose purpose) {
  for (const auto& [spelling, known] : kPurposes) {
    if (known == purpose) return spelling;
  }
  WEBHOOK_ASSERT(false);
  return {};
}

}  // namespace webhook::model
