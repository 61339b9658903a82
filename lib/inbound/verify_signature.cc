// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/verify_signature.h"

#include <algorithm>

#include "lib/delivery/hmac_scheme.h"
#include "lib/inbound/resolve_values.h"
#include "lib/signing/hmac.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::inbound {
namespace {

using model::Verification;
using signing::StandardWebhookVerdict;

bool IsValid(const VerifyingSecret& secret, base::WallTime now) {
  return !secret.expires_at || now < *secret.expires_at;
}

std::vector<base::Secret> ValidSecrets(const CompiledInbound& endpoint, base::WallTime now) {
  std::vector<base::Secret> secrets;
  for (const VerifyingSecret& secret : endpoint.signing_secrets) {
    if (IsValid(secret, now)) secrets.push_back(secret.secret);
  }
  return secrets;
}

std::vector<signing::VerifyingKey> ValidKeys(const CompiledInbound& endpoint, base::WallTime now) {
  std::vector<signing::VerifyingKey> keys;
  for (const VerifyingSecret& secret : endpoint.signing_secrets) {
    if (IsValid(secret, now) && secret.verifying_key) keys.push_back(*secret.verifying_key);
  }
  return keys;
}

std::optional<std::string_view> BoundKey(const CompiledInbound& endpoint,
                                         std::string_view semantic) {
  const auto found = endpoint.bindings.find(semantic);
  if (found == endpoint.bindings.end()) return std::nullopt;
  return found->second;
}

SignatureVerdict Freshness(const Verification& limits, base::WallTime sent, base::WallTime now) {
  const base::Milliseconds age = now - sent;
  if (limits.age_max.count() > 0 && age > limits.age_max) return SignatureVerdict::kTooOld;
  if (limits.future_skew_max.count() > 0 && -age > limits.future_skew_max) {
    return SignatureVerdict::kTooNew;
  }
  return SignatureVerdict::kValid;
}

bool HasLimit(const Verification& verification) {
  return verification.age_max.count() > 0 || verification.future_skew_max.count() > 0;
}

SignatureVerdict HmacFreshness(const CompiledInbound& endpoint, const Request& request,
                               base::WallTime now) {
  const Verification& verification = endpoint.endpoint.verification;
  const auto key = BoundKey(endpoint, "signature_timestamp");
  if (!HasLimit(verification) || !key) return SignatureVerdict::kValid;
  const auto text = FirstCandidate(endpoint, request, *key);
  const auto sent = text ? ParseTimestamp(verification.timestamp_format, *text) : std::nullopt;
  return sent ? Freshness(verification, *sent, now) : SignatureVerdict::kTimestampInvalid;
}

SignatureVerdict VerifyHmac(const CompiledInbound& endpoint, const Request& request,
                            base::WallTime now) {
  const Verification& verification = endpoint.endpoint.verification;
  const auto key = BoundKey(endpoint, "signature");
  if (!key) return SignatureVerdict::kMissing;
  const auto candidates = Candidates(endpoint, request, *key, true);
  if (candidates.empty()) return SignatureVerdict::kMissing;
  const auto message = SignedMessage(endpoint, request);
  if (!message.ok()) return SignatureVerdict::kMissing;
  const signing::HmacScheme scheme{delivery::DigestOf(verification.digest),
                                   delivery::EncodingOf(verification.encoding),
                                   verification.prefix};
  if (!signing::VerifyHmac(scheme, ValidSecrets(endpoint, now), message.value(), candidates)) {
    return SignatureVerdict::kWrong;
  }
  return HmacFreshness(endpoint, request, now);
}

SignatureVerdict VerifyStandard(const CompiledInbound& endpoint, const Request& request,
                                base::WallTime now) {
  // The endpoint's own limits, which may differ and may be off, decide afterwards.
  constexpr std::chrono::hours kAlways{24LL * 366 * 20'000};
  const std::string_view timestamp = request.Header("webhook-timestamp").value_or("");
  const std::string_view id = request.Header("webhook-id").value_or("");
  const std::string_view signature = request.Header("webhook-signature").value_or("");
  if (timestamp.empty() || id.empty() || signature.empty()) return SignatureVerdict::kMissing;
  const auto sent = ParseTimestamp(model::TimestampFormat::kUnix, timestamp);
  if (!sent) return SignatureVerdict::kTimestampInvalid;
  const auto verdict = signing::VerifyStandardWebhook(
      ValidKeys(endpoint, now), {id, timestamp, signature}, request.body(), now, kAlways);
  if (verdict != StandardWebhookVerdict::kValid) return SignatureVerdict::kWrong;
  return Freshness(endpoint.endpoint.verification, *sent, now);
}

}  // namespace

bool HasValidSecret(const CompiledInbound& endpoint, base::WallTime now) {
  return std::any_of(endpoint.signing_secrets.begin(), endpoint.signing_secrets.end(),
                     [&](const VerifyingSecret& secret) { return IsValid(secret, now); });
}

SignatureVerdict VerifySignature(const CompiledInbound& endpoint, const Request& request,
                                 base::WallTime now) {
  switch (endpoint.endpoint.verification.mode) {
    case model::VerificationMode::kNone:
      return SignatureVerdict::kValid;
    case model::VerificationMode::kHmac:
      return VerifyHmac(endpoint, request, now);
    case model::VerificationMode::kStandardWebhooks:
      return VerifyStandard(endpoint, request, now);
  }
  return SignatureVerdict::kWrong;
}

}  // namespace webhook::inbound
