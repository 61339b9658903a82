// SPDX-License-Identifier: LGPL-3.0-or-later
// Signatures of Standard Webhooks 1.0.0: v1 (HMAC-SHA256) and v1a (Ed25519) over
// `id.timestamp.body`. Any thread. Throws std::runtime_error when OpenSSL cannot do what it must.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/secret.h"
#include "lib/base/time.h"

namespace webhook::signing {

struct SymmetricKey {
  base::Secret bytes;  // not empty
};
struct Ed25519PrivateKey {
  base::Secret seed;
};
struct Ed25519VerifyingKey {
  std::string bytes;
};

using SigningKey = std::variant<SymmetricKey, Ed25519PrivateKey>;
using VerifyingKey = std::variant<SymmetricKey, Ed25519VerifyingKey>;

// `whsec_…` (base64, also without padding or prefix; not empty) or `whsk_…` (32 bytes of seed, or
// 64: seed and public key).
std::optional<SigningKey> ParseSigningKey(const base::Secret& text);

// `whsec_…` as above, or `whpk_…` (32 bytes).
std::optional<VerifyingKey> ParseVerifyingKey(const base::Secret& text);

// What is signed. Neither may be chosen by others than the sender.
struct SignedMessage {
  std::string_view id;            // without full stops, or the parts could be shifted
  std::int64_t unix_seconds = 0;  // of this attempt
  std::string_view body;          // byte for byte as sent
};

// The value of webhook-signature: an entry for each key, with spaces between; several while a key
// is being replaced. Precondition: an id that is not empty and has no full stop.
std::string SignStandardWebhook(const std::vector<SigningKey>& keys, const SignedMessage& message);

struct ReceivedHeaders {
  std::string_view id;         // webhook-id
  std::string_view timestamp;  // webhook-timestamp
  std::string_view signature;  // webhook-signature
};

enum class StandardWebhookVerdict {
  kValid,
  kHeaderInvalid,  // one is missing, the id has a full stop, the timestamp is no whole number
  kTooOld,
  kTooNew,
  kNoMatch,
};

// The signature is checked before the timestamp is believed: kTooOld and kTooNew have a valid one.
// A timestamp exactly `tolerance` away is accepted. Entries of unknown versions are skipped.
StandardWebhookVerdict VerifyStandardWebhook(
    const std::vector<VerifyingKey>& keys, const ReceivedHeaders& headers, std::string_view body,
    base::WallTime now, std::chrono::seconds tolerance = std::chrono::minutes(5));

}  // namespace webhook::signing
