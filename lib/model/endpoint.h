// SPDX-License-Identifier: LGPL-3.0-or-later
// An outbound endpoint, as an administrator wrote it: target, shape of the request, signature,
// authentication, TLS, limits. Plain data; secrets are still sealed. Spelled as in
// schema/contract/configuration.schema.json.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/time.h"
#include "lib/model/record_id.h"
#include "lib/model/rule.h"

namespace webhook::model {

// A context line (target: the key), a header rule (the name) or a payload rule (a path).
struct ShapeRule {
  RecordId id = 0;
  std::string target;
  Source source;
};

enum class SecretPurpose {
  kSigning,
  kBasicPassword,
  kBearerToken,
  kApiKey,
  kOauth2ClientSecret,
  kClientKey,
  kChallengeToken,  // of inbound endpoints: Meta's hub.verify_token
};

// As stored and as it binds a sealed secret to its record: signing, basic_password, …
std::string_view Spelling(SecretPurpose purpose);

struct SecretEntry {
  RecordId id = 0;
  SecretPurpose purpose = SecretPurpose::kSigning;
  std::string value;  // sealed:1:…, env:NAME or file:NAME; never a secret in clear
  std::optional<base::WallTime> expires_at = std::nullopt;
};

enum class SignatureMode { kNone, kStandardWebhooks, kHmac };
enum class SignatureDigest { kSha1, kSha256, kSha512 };
enum class SignatureEncoding { kHex, kBase64 };
enum class TimestampFormat { kUnix, kUnixMs, kIso8601 };
enum class SignWith { kAll, kNewest };

enum class SignaturePartKind {
  kRawBody,
  kTimestamp,
  kWebhookId,
  kHttpMethod,
  kRequestUrl,
  kHeader,
  kLiteral,
};

struct SignaturePart {
  SignaturePartKind kind = SignaturePartKind::kRawBody;
  std::string value = {};  // the header's name, the literal
};

struct Signature {
  SignatureMode mode = SignatureMode::kNone;
  // Of kHmac:
  SignatureDigest digest = SignatureDigest::kSha256;
  SignatureEncoding encoding = SignatureEncoding::kHex;
  std::string prefix = {};  // before each signature
  std::string header_name = "X-Signature";
  std::string header_template = "{signatures}";  // also {timestamp}
  std::string joiner = ".";
  std::vector<SignaturePart> parts = {};
  std::string timestamp_header_name = {};  // empty: none
  TimestampFormat timestamp_format = TimestampFormat::kUnix;
  SignWith sign_with = SignWith::kAll;
};

enum class AuthMode { kNone, kBasic, kBearer, kApiKey, kOauth2ClientCredentials };
enum class ClientAuthentication { kHeader, kBody };

struct Auth {
  AuthMode mode = AuthMode::kNone;
  std::string username = {};     // of kBasic
  std::string header_name = {};  // of kApiKey
  std::string token_url = {};
  std::string client_id = {};
  std::string scope = {};
  std::string audience = {};
  ClientAuthentication client_authentication = ClientAuthentication::kHeader;
};

struct EndpointTls {
  std::string client_certificate_pem = {};
  std::string ca_certificate_pem = {};  // empty: what the worker trusts
};

struct RateLimit {
  int count = 0;
  std::chrono::seconds period{1};
};

struct BreakerSettings {
  int failures_max = 10;  // in a row
  std::chrono::seconds open{30};
};

struct Endpoint {
  RecordId id = 0;
  std::string code;
  bool active = false;
  std::string held_reason;  // not empty: nothing of it may be claimed
  std::optional<RecordId> handler_id;
  std::string target_hostname;  // scheme, host, optional port
  std::string target_path;      // starts with '/'; {name} stands for a context value
  base::Milliseconds timeout{30000};
  RecordId retry_policy_id = 0;
  int concurrency_max = 10;
  bool capture_request = true;
  bool capture_response = true;
  std::size_t capture_bytes_max = 10000;
  std::string content_type = {};  // empty: the body mode's own
  std::vector<ShapeRule> context_lines = {};
  std::vector<ShapeRule> header_rules = {};
  std::vector<ShapeRule> payload_rules = {};
  Signature signature = {};
  Auth auth = {};
  EndpointTls tls = {};
  std::vector<SecretEntry> secrets = {};
  std::optional<RateLimit> rate_limit = std::nullopt;
  std::optional<BreakerSettings> breaker = std::nullopt;
  int redirects_max = 0;
};

}  // namespace webhook::model
