// SPDX-License-Identifier: LGPL-3.0-or-later
// An inbound endpoint, as an administrator wrote it: where requests arrive, how they are verified,
// which values are taken out of them, and what makes two of them the same. Plain data; secrets are
// still sealed. Spelled as in schema/contract/configuration.schema.json.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/endpoint.h"
#include "lib/model/record_id.h"

namespace webhook::model {

// What the body has to be.
enum class PayloadContract {
  kJsonObject,
  kJsonValue,
  kForm,  // urlencoded or multipart
  kText,  // any text, XML too
  kAny,   // as its Content-Type says
};

enum class ValueSourceKind {
  kHeader,       // expression: its name
  kHeaderParam,  // expression: the header's name; parameter: the name inside (t of "t=1,v1=ab")
  kPayloadPath,  // expression: a path (lib/rules/path.h)
  kQueryParameter,
  kLiteral,
  kBodySha256,  // lower-case hexadecimal
};

enum class Normalize { kNone, kStrip, kLower, kUpper };

// One line of the value resolution. Lines of one key and tier are joined; lower tiers come first.
struct ValueSource {
  RecordId id = 0;
  std::string key;
  int tier = 10;
  std::string joiner = {};
  ValueSourceKind kind = ValueSourceKind::kHeader;
  std::string expression = {};
  std::string parameter = {};
  Normalize normalize = Normalize::kNone;
  std::optional<SignatureDigest> hash = std::nullopt;  // after normalising; hexadecimal
  bool required = false;                               // missing: its tier counts as missing
};

// The value of this key is the request's topic, event_type, event_id, … (kSemantics).
struct SemanticBinding {
  RecordId id = 0;
  std::string semantic;
  std::string key;
};

inline constexpr std::string_view kSemantics[] = {"topic",
                                                  "event_type",
                                                  "event_id",
                                                  "delivery_id",
                                                  "notification_id",
                                                  "idempotency_key",
                                                  "signature",
                                                  "occurred_at",
                                                  "tenant_key",
                                                  "version",
                                                  "handler_selector",
                                                  "signature_timestamp",
                                                  "resource_reference"};

enum class VerificationMode { kNone, kHmac, kStandardWebhooks };

enum class VerifiedPartKind {
  kRawBody,
  kHeader,
  kHeaderParam,
  kPayloadPath,
  kLiteral,
  kRequestUrl,        // as the sender called it: scheme, host, path, query
  kSortedFormFields,  // name and value of each form field, sorted by name, nothing between
  kHttpMethod,
};

struct VerifiedPart {
  RecordId id = 0;
  VerifiedPartKind kind = VerifiedPartKind::kRawBody;
  std::string expression = {};
  std::string parameter = {};
  bool required = false;  // missing: the request is refused; otherwise the part is left out
};

struct Verification {
  VerificationMode mode = VerificationMode::kNone;
  // Of kHmac; signature and timestamp are the values bound to `signature`, `signature_timestamp`.
  SignatureDigest digest = SignatureDigest::kSha256;
  SignatureEncoding encoding = SignatureEncoding::kHex;
  std::string prefix = {};
  std::string joiner = {};
  TimestampFormat timestamp_format = TimestampFormat::kUnix;
  std::vector<VerifiedPart> parts = {};  // none: the raw body
  // Of both; 0: not checked.
  std::chrono::seconds age_max{300};
  std::chrono::seconds future_skew_max{300};
};

enum class InboundAuthMode { kNone, kBasic, kBearer, kApiKey };

struct InboundAuth {
  InboundAuthMode mode = InboundAuthMode::kNone;
  std::string username = {};     // of kBasic
  std::string header_name = {};  // of kApiKey
};

enum class Challenge { kNone, kSlackUrlVerification, kMetaHub, kMicrosoftValidationToken };

enum class DeliveryIdentity { kDeliveryId, kIdempotencyKey, kBodySha256 };
enum class ReplayIdentity { kNone, kEventId, kIdempotencyKey };

struct InboundEndpoint {
  RecordId id = 0;
  std::string path;  // one URL segment
  bool active = false;
  std::string held_reason;  // not empty: no event of it may be processed
  std::optional<RecordId> handler_id;
  RecordId retry_policy_id = 0;
  PayloadContract payload_contract = PayloadContract::kJsonObject;
  DeliveryIdentity delivery_identity = DeliveryIdentity::kDeliveryId;
  ReplayIdentity replay_identity = ReplayIdentity::kNone;
  bool replay_blocks = false;  // a replay counts as a duplicate instead of being linked
  bool ordered = false;        // events are processed one after the other, as they were accepted
  Challenge challenge = Challenge::kNone;
  std::vector<std::string> allowed_networks = {};  // none: every sender
  InboundAuth auth = {};
  Verification verification = {};
  std::vector<ValueSource> sources = {};  // active ones, by key, tier, sequence
  std::vector<SemanticBinding> bindings = {};
  std::vector<SecretEntry> secrets = {};
};

}  // namespace webhook::model
