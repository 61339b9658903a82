// SPDX-License-Identifier: LGPL-3.0-or-later
// What an outbound endpoint may carry besides its target: shape, signature, authentication, TLS,
// secrets, limits.
#include <doctest/doctest.h>

#include "lib/model/contract.h"
#include "tests/unit/model/answers.h"

using namespace webhook::model;
namespace base = webhook::base;
using Json = nlohmann::json;
using std::chrono::seconds;

namespace {

const std::string kAt = "/configuration/endpoints/0/";

Json Bare() {
  return {{"id", 3},
          {"code", "shop"},
          {"name", "Shop"},
          {"company_id", 1},
          {"state", "active"},
          {"target_hostname", "https://example.com"},
          {"target_path", "/{order}"},
          {"timeout_seconds", 15},
          {"retry_policy_id", 4},
          {"concurrency_max", 6},
          {"capture_request", true},
          {"capture_response", false},
          {"capture_bytes_max", 2000}};
}

Json ShapeRow(int id, const char* target, const char* kind, const char* expression) {
  return {{"id", id}, {"target", target}, {"source", {{"kind", kind}, {"expression", expression}}}};
}

Json FullSignature() {
  return {{"mode", "hmac"},
          {"digest", "sha512"},
          {"encoding", "base64"},
          {"prefix", "v1="},
          {"header_name", "Shop-Signature"},
          {"header_template", "t={timestamp},{signatures}"},
          {"joiner", ":"},
          {"parts", {{{"kind", "timestamp"}}, {{"kind", "header"}, {"value", "X-Shop"}}}},
          {"timestamp_header_name", "Shop-Time"},
          {"timestamp_format", "unix_ms"},
          {"sign_with", "newest"}};
}

Json FullAuth() {
  return {{"mode", "oauth2_client_credentials"},
          {"username", "u"},
          {"header_name", "X-Key"},
          {"token_url", "https://example.com/token"},
          {"client_id", "c"},
          {"scope", "a b"},
          {"audience", "d"},
          {"client_authentication", "body"}};
}

Json Full() {
  Json endpoint = Bare();
  endpoint.update(
      {{"content_type", "application/vnd.shop+json"},
       {"context_lines", {ShapeRow(1, "order", "record_field", "name")}},
       {"header_rules", {ShapeRow(2, "X-Order", "context_key", "order")}},
       {"payload_rules",
        {ShapeRow(3, "a.b", "template", "{order}"), ShapeRow(4, "c", "literal", "")}},
       {"signature", FullSignature()},
       {"auth", FullAuth()},
       {"tls", {{"client_certificate_pem", "CERT"}, {"ca_certificate_pem", "CA"}}},
       {"secrets",
        {{{"id", 7}, {"purpose", "signing"}, {"value", "env:A"}, {"expires_at_ms", 1767225600123}},
         {{"id", 8}, {"purpose", "client_key"}, {"value", "sealed:1:AAAA"}}}},
       {"rate_limit", {{"count", 100}, {"period_seconds", 60}}},
       {"breaker", {{"failures_max", 5}, {"open_seconds", 90}}},
       {"redirects_max", 2}});
  return endpoint;
}

Json AnswerWith(const Json& endpoint) {
  return Answer({{"unchanged", false},
                 {"configuration",
                  {{"revision", 7},
                   {"handlers", Json::array()},
                   {"endpoints", {endpoint}},
                   {"inbound_endpoints", Json::array()},
                   {"retry_policies", Json::array()}}}});
}

Json Good() { return AnswerWith(Full()); }

Endpoint Read(const Json& endpoint) {
  const std::string text = AnswerWith(endpoint).dump();
  REQUIRE(SchemaErrors("configuration_answer", text) == "");
  const auto decoded = DecodeConfiguration(text);
  REQUIRE_MESSAGE(decoded.ok(), decoded.error().message);
  return decoded.value().configuration->endpoints.at(3);
}

// Every spelling of the closed list is read as its enumerator, and the list is the schema's.
template <typename T, typename Get>
void CheckSpellings(const char* definition, const std::string& member, Json row,
                    const std::vector<std::pair<const char*, T>>& spellings, Get get) {
  CHECK(SchemaEnumSize(definition, member) == spellings.size());
  for (const auto& known : spellings) {
    CAPTURE(known.first);
    row[member] = known.first;
    CHECK(get(row) == known.second);
  }
}

Json With(const char* member, const Json& value) {
  Json endpoint = Full();
  endpoint[member] = value;
  return endpoint;
}

}  // namespace

TEST_CASE("an endpoint that says nothing sends as it is queued, unsigned and unlimited") {
  const Endpoint endpoint = Read(Bare());
  CHECK(endpoint.content_type.empty());
  CHECK(endpoint.context_lines.empty());
  CHECK(endpoint.header_rules.empty());
  CHECK(endpoint.payload_rules.empty());
  CHECK(endpoint.signature.mode == SignatureMode::kNone);
  CHECK(endpoint.auth.mode == AuthMode::kNone);
  CHECK(endpoint.tls.client_certificate_pem.empty());
  CHECK(endpoint.tls.ca_certificate_pem.empty());
  CHECK(endpoint.secrets.empty());
  CHECK_FALSE(endpoint.rate_limit.has_value());
  CHECK_FALSE(endpoint.breaker.has_value());
  CHECK(endpoint.redirects_max == 0);
}

TEST_CASE("the shape of an endpoint is read row by row, in its order") {
  const Endpoint endpoint = Read(Full());
  CHECK(endpoint.content_type == "application/vnd.shop+json");
  REQUIRE(endpoint.context_lines.size() == 1);
  CHECK(endpoint.context_lines[0].id == 1);
  CHECK(endpoint.context_lines[0].target == "order");
  CHECK(endpoint.context_lines[0].source.kind == SourceKind::kRecordField);
  CHECK(endpoint.context_lines[0].source.expression == "name");
  REQUIRE(endpoint.header_rules.size() == 1);
  CHECK(endpoint.header_rules[0].target == "X-Order");
  CHECK(endpoint.header_rules[0].source.kind == SourceKind::kContextKey);
  REQUIRE(endpoint.payload_rules.size() == 2);
  CHECK(endpoint.payload_rules[0].target == "a.b");
  CHECK(endpoint.payload_rules[0].source.kind == SourceKind::kTemplate);
  CHECK(endpoint.payload_rules[1].id == 4);
}

TEST_CASE("a signature is read member by member, and has the defaults of most receivers") {
  const Signature full = Read(Full()).signature;
  CHECK(full.mode == SignatureMode::kHmac);
  CHECK(full.digest == SignatureDigest::kSha512);
  CHECK(full.encoding == SignatureEncoding::kBase64);
  CHECK(full.prefix == "v1=");
  CHECK(full.header_name == "Shop-Signature");
  CHECK(full.header_template == "t={timestamp},{signatures}");
  CHECK(full.joiner == ":");
  REQUIRE(full.parts.size() == 2);
  CHECK(full.parts[0].kind == SignaturePartKind::kTimestamp);
  CHECK(full.parts[1].kind == SignaturePartKind::kHeader);
  CHECK(full.parts[1].value == "X-Shop");
  CHECK(full.timestamp_header_name == "Shop-Time");
  CHECK(full.timestamp_format == TimestampFormat::kUnixMs);
  CHECK(full.sign_with == SignWith::kNewest);

  const Signature least = Read(With("signature", {{"mode", "standard_webhooks"}})).signature;
  CHECK(least.mode == SignatureMode::kStandardWebhooks);
  CHECK(least.digest == SignatureDigest::kSha256);
  CHECK(least.encoding == SignatureEncoding::kHex);
  CHECK(least.prefix.empty());
  CHECK(least.header_template == "{signatures}");
  CHECK(least.parts.empty());
  CHECK(least.timestamp_header_name.empty());
  CHECK(least.timestamp_format == TimestampFormat::kUnix);
  CHECK(least.sign_with == SignWith::kAll);
  // An empty text is a text: nothing between the parts.
  CHECK(Read(With("signature", {{"mode", "hmac"}, {"joiner", ""}})).signature.joiner.empty());
}

TEST_CASE("authentication and TLS are read member by member") {
  const Auth full = Read(Full()).auth;
  CHECK(full.mode == AuthMode::kOauth2ClientCredentials);
  CHECK(full.username == "u");
  CHECK(full.header_name == "X-Key");
  CHECK(full.token_url == "https://example.com/token");
  CHECK(full.client_id == "c");
  CHECK(full.scope == "a b");
  CHECK(full.audience == "d");
  CHECK(full.client_authentication == ClientAuthentication::kBody);
  CHECK(Read(With("auth", {{"mode", "bearer"}})).auth.client_authentication ==
        ClientAuthentication::kHeader);
  CHECK(Read(Full()).tls.client_certificate_pem == "CERT");
  CHECK(Read(Full()).tls.ca_certificate_pem == "CA");
  CHECK(Read(With("tls", Json::object())).tls.ca_certificate_pem.empty());
}

TEST_CASE("secrets come as they are kept, with the end of the replaced ones") {
  const Endpoint endpoint = Read(Full());
  REQUIRE(endpoint.secrets.size() == 2);
  CHECK(endpoint.secrets[0].id == 7);
  CHECK(endpoint.secrets[0].purpose == SecretPurpose::kSigning);
  CHECK(endpoint.secrets[0].value == "env:A");
  REQUIRE(endpoint.secrets[0].expires_at.has_value());
  CHECK(base::ToUnixMs(*endpoint.secrets[0].expires_at) == 1767225600123);
  CHECK(endpoint.secrets[1].purpose == SecretPurpose::kClientKey);
  CHECK_FALSE(endpoint.secrets[1].expires_at.has_value());
}

TEST_CASE("limits are read, and their extremes are fine") {
  const Endpoint endpoint = Read(Full());
  REQUIRE(endpoint.rate_limit.has_value());
  CHECK(endpoint.rate_limit->count == 100);
  CHECK(endpoint.rate_limit->period == seconds(60));
  REQUIRE(endpoint.breaker.has_value());
  CHECK(endpoint.breaker->failures_max == 5);
  CHECK(endpoint.breaker->open == seconds(90));
  CHECK(endpoint.redirects_max == 2);
  CHECK(Read(With("redirects_max", 0)).redirects_max == 0);
  CHECK(Read(With("redirects_max", 5)).redirects_max == 5);
  const Json most = {{"count", 1000000}, {"period_seconds", 86400}};
  CHECK(Read(With("rate_limit", most)).rate_limit->count == 1000000);
}

TEST_CASE("every spelling of the schema's closed lists is read") {
  const auto signature = [](const Json& json) { return Read(With("signature", json)).signature; };
  CheckSpellings<SignatureMode>(
      "signature", "mode", FullSignature(),
      {{"standard_webhooks", SignatureMode::kStandardWebhooks}, {"hmac", SignatureMode::kHmac}},
      [&](const Json& json) { return signature(json).mode; });
  CheckSpellings<SignatureDigest>("signature", "digest", FullSignature(),
                                  {{"sha1", SignatureDigest::kSha1},
                                   {"sha256", SignatureDigest::kSha256},
                                   {"sha512", SignatureDigest::kSha512}},
                                  [&](const Json& json) { return signature(json).digest; });
  CheckSpellings<SignatureEncoding>(
      "signature", "encoding", FullSignature(),
      {{"hex", SignatureEncoding::kHex}, {"base64", SignatureEncoding::kBase64}},
      [&](const Json& json) { return signature(json).encoding; });
  CheckSpellings<TimestampFormat>(
      "signature", "timestamp_format", FullSignature(),
      {{"unix", TimestampFormat::kUnix},
       {"unix_ms", TimestampFormat::kUnixMs},
       {"iso8601", TimestampFormat::kIso8601}},
      [&](const Json& json) { return signature(json).timestamp_format; });
  CheckSpellings<SignWith>("signature", "sign_with", FullSignature(),
                           {{"all", SignWith::kAll}, {"newest", SignWith::kNewest}},
                           [&](const Json& json) { return signature(json).sign_with; });
  CheckSpellings<SignaturePartKind>(
      "signature_part", "kind", {{"value", "x"}},
      {{"raw_body", SignaturePartKind::kRawBody},
       {"timestamp", SignaturePartKind::kTimestamp},
       {"webhook_id", SignaturePartKind::kWebhookId},
       {"http_method", SignaturePartKind::kHttpMethod},
       {"request_url", SignaturePartKind::kRequestUrl},
       {"header", SignaturePartKind::kHeader},
       {"literal", SignaturePartKind::kLiteral}},
      [&](const Json& part) {
        return signature({{"mode", "hmac"}, {"parts", {part}}}).parts.at(0).kind;
      });
  CheckSpellings<AuthMode>("auth", "mode", FullAuth(),
                           {{"basic", AuthMode::kBasic},
                            {"bearer", AuthMode::kBearer},
                            {"api_key", AuthMode::kApiKey},
                            {"oauth2_client_credentials", AuthMode::kOauth2ClientCredentials}},
                           [](const Json& json) { return Read(With("auth", json)).auth.mode; });
  CheckSpellings<ClientAuthentication>(
      "auth", "client_authentication", FullAuth(),
      {{"header", ClientAuthentication::kHeader}, {"body", ClientAuthentication::kBody}},
      [](const Json& json) { return Read(With("auth", json)).auth.client_authentication; });
  CheckSpellings<SecretPurpose>("secret", "purpose", {{"id", 1}, {"value", "env:A"}},
                                {{"signing", SecretPurpose::kSigning},
                                 {"basic_password", SecretPurpose::kBasicPassword},
                                 {"bearer_token", SecretPurpose::kBearerToken},
                                 {"api_key", SecretPurpose::kApiKey},
                                 {"oauth2_client_secret", SecretPurpose::kOauth2ClientSecret},
                                 {"client_key", SecretPurpose::kClientKey},
                                 {"challenge_token", SecretPurpose::kChallengeToken}},
                                [](const Json& row) {
                                  const Json rows = Json::array({row});
                                  return Read(With("secrets", rows)).secrets.at(0).purpose;
                                });
}

TEST_CASE("a part of an endpoint without a required member is refused by that member's name") {
  for (const char* member :
       {"context_lines/0/id", "header_rules/0/target", "payload_rules/0/source",
        "payload_rules/0/source/kind", "signature/mode", "signature/parts/0/kind", "auth/mode",
        "secrets/0/id", "secrets/0/purpose", "secrets/0/value", "rate_limit/count",
        "rate_limit/period_seconds", "breaker/failures_max", "breaker/open_seconds"}) {
    CheckRequired(Good(), kAt + member, DecodeConfiguration);
  }
}

TEST_CASE("a part of an endpoint of another type is refused by its name") {
  for (const char* member :
       {"context_lines", "header_rules", "payload_rules", "secrets", "signature/parts"}) {
    CheckMistyped(Good(), kAt + member, kNoLists, DecodeConfiguration);
  }
  for (const char* member : {"signature", "auth", "tls", "rate_limit", "breaker"}) {
    CheckMistyped(Good(), kAt + member, {nullptr, true, 1, "x", Json::array()},
                  DecodeConfiguration);
  }
  for (const char* member :
       {"content_type", "payload_rules/0/target", "signature/mode", "signature/prefix",
        "signature/header_name", "signature/header_template", "signature/joiner",
        "signature/timestamp_header_name", "signature/parts/1/value", "auth/username",
        "auth/header_name", "auth/token_url", "auth/client_id", "auth/scope", "auth/audience",
        "tls/client_certificate_pem", "tls/ca_certificate_pem", "secrets/0/value"}) {
    CheckMistyped(Good(), kAt + member, kNoTexts, DecodeConfiguration);
  }
  for (const char* member : {"context_lines/0/id", "secrets/0/id", "secrets/0/expires_at_ms",
                             "rate_limit/count", "rate_limit/period_seconds",
                             "breaker/failures_max", "breaker/open_seconds", "redirects_max"}) {
    CheckMistyped(Good(), kAt + member, kNoIntegers, DecodeConfiguration);
  }
}

TEST_CASE("values of an endpoint that the contract excludes are refused by their name") {
  for (const auto& [member, value] : std::vector<Spoilt>{
           {"signature/mode", "none"},
           {"signature/mode", "HMAC"},
           {"signature/digest", "md5"},
           {"signature/encoding", "base32"},
           {"signature/timestamp_format", "rfc3339"},
           {"signature/sign_with", "oldest"},
           {"signature/parts/0/kind", "secret"},
           {"auth/mode", "none"},
           {"auth/mode", "digest"},
           {"auth/client_authentication", "query"},
           {"secrets/0/purpose", "password"},
           {"secrets/0/id", 0},
           {"secrets/0/expires_at_ms", 253402300800000},
           {"payload_rules/0/source/kind", "python"},
           {"rate_limit/count", 0},
           {"rate_limit/count", 1000001},
           {"rate_limit/period_seconds", 0},
           {"rate_limit/period_seconds", 86401},
           {"breaker/failures_max", 0},
           {"breaker/failures_max", 1001},
           {"breaker/open_seconds", 86401},
           {"redirects_max", 6},
           {"context_lines", Json(101, ShapeRow(1, "a", "literal", ""))},
           {"header_rules", Json(101, ShapeRow(1, "a", "literal", ""))},
           {"payload_rules", Json(201, ShapeRow(1, "a", "literal", ""))},
           {"secrets", Json(51, {{"id", 1}, {"purpose", "signing"}, {"value", "env:A"}})},
           {"signature/parts", Json(21, {{"kind", "raw_body"}})},
       }) {
    CheckRefused(Good(), {kAt + member, value}, DecodeConfiguration);
  }
}

TEST_CASE("decoding an endpoint never throws") {
  CheckNeverThrows(Good().dump(), DecodeConfiguration);
}
