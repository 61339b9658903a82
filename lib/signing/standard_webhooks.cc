// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/standard_webhooks.h"

#include <algorithm>
#include <charconv>

#include "lib/base/assert.h"
#include "lib/base/base64.h"
#include "lib/base/result.h"
#include "lib/signing/ed25519.h"
#include "lib/signing/hmac.h"

namespace webhook::signing {
namespace {

constexpr std::string_view kSymmetricPrefix = "whsec_";
constexpr std::string_view kPrivatePrefix = "whsk_";
constexpr std::string_view kPublicPrefix = "whpk_";
constexpr std::string_view kHmacVersion = "v1,";
constexpr std::string_view kEd25519Version = "v1a,";
constexpr std::size_t kEd25519PairBytes = kEd25519SeedBytes + kEd25519PublicKeyBytes;
constexpr std::size_t kEntriesMax = kCandidatesMax;

std::optional<std::string> DecodeUnpadded(std::string_view text) {
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return base::DecodeBase64(padded);
}

std::optional<SymmetricKey> ParseSymmetric(std::string_view text) {
  if (text.starts_with(kSymmetricPrefix)) text.remove_prefix(kSymmetricPrefix.size());
  std::optional<std::string> bytes = DecodeUnpadded(text);
  if (!bytes || bytes->empty()) return std::nullopt;
  return SymmetricKey{base::Secret(*std::move(bytes))};
}

std::optional<Ed25519PrivateKey> ParsePrivate(std::string_view base64) {
  const std::optional<std::string> bytes = DecodeUnpadded(base64);
  if (!bytes) return std::nullopt;
  if (bytes->size() != kEd25519SeedBytes && bytes->size() != kEd25519PairBytes) return std::nullopt;
  base::Secret seed(bytes->substr(0, kEd25519SeedBytes));
  // A pair that does not belong together is a mistake that no receiver could explain.
  if (bytes->size() == kEd25519PairBytes &&
      bytes->substr(kEd25519SeedBytes) != Ed25519PublicKey(seed)) {
    return std::nullopt;
  }
  return Ed25519PrivateKey{std::move(seed)};
}

std::string SignedContent(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".").append(body);
  return content;
}

std::string Entry(const SigningKey& key, std::string_view content) {
  return std::visit(
      base::Overloaded{
          [&](const SymmetricKey& symmetric) {
            return std::string(kHmacVersion) +
                   base::EncodeBase64(HmacBytes(Digest::kSha256, symmetric.bytes, content));
          },
          [&](const Ed25519PrivateKey& private_key) {
            return std::string(kEd25519Version) +
                   base::EncodeBase64(SignEd25519(private_key.seed, content));
          },
      },
      key);
}

struct Signatures {
  std::vector<std::string> hmac;
  std::vector<std::string> ed25519;
};

void AddEntry(std::string_view entry, Signatures& signatures) {
  const auto add = [&](std::string_view version, std::vector<std::string>& to) {
    if (!entry.starts_with(version)) return;
    if (auto bytes = base::DecodeBase64(entry.substr(version.size()))) to.push_back(*bytes);
  };
  add(kHmacVersion, signatures.hmac);
  add(kEd25519Version, signatures.ed25519);
}

Signatures ParseSignatures(std::string_view header) {
  Signatures signatures;
  for (std::size_t count = 0; !header.empty() && count < kEntriesMax; ++count) {
    const std::size_t end = std::min(header.find(' '), header.size());
    AddEntry(header.substr(0, end), signatures);
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return signatures;
}

bool Matches(const VerifyingKey& key, std::string_view content, const Signatures& signatures) {
  bool found = false;
  if (const auto* symmetric = std::get_if<SymmetricKey>(&key)) {
    const std::string expected = HmacBytes(Digest::kSha256, symmetric->bytes, content);
    for (const std::string& signature : signatures.hmac) {
      found = EqualInConstantTime(expected, signature) || found;
    }
  } else if (const auto* public_key = std::get_if<Ed25519VerifyingKey>(&key)) {
    for (const std::string& signature : signatures.ed25519) {
      found = VerifyEd25519(public_key->bytes, content, signature) || found;
    }
  }
  return found;
}

std::optional<std::int64_t> ParseSeconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // Up to the year 9999, so that no arithmetic below can overflow.
  if (seconds < 0 || seconds > 253'402'300'799) return std::nullopt;
  return seconds;
}

bool IsUsableId(std::string_view id) {
  return !id.empty() && id.find('.') == std::string_view::npos;
}

}  // namespace

std::optional<SigningKey> ParseSigningKey(const base::Secret& text) {
  const std::string_view shown = text.Reveal();
  if (shown.starts_with(kPrivatePrefix)) {
    if (auto key = ParsePrivate(shown.substr(kPrivatePrefix.size()))) return *std::move(key);
    return std::nullopt;
  }
  if (auto key = ParseSymmetric(shown)) return *std::move(key);
  return std::nullopt;
}

std::optional<VerifyingKey> ParseVerifyingKey(const base::Secret& text) {
  const std::string_view shown = text.Reveal();
  if (shown.starts_with(kPublicPrefix)) {
    std::optional<std::string> bytes = DecodeUnpadded(shown.substr(kPublicPrefix.size()));
    if (!bytes || bytes->size() != kEd25519PublicKeyBytes) return std::nullopt;
    return Ed25519VerifyingKey{*std::move(bytes)};
  }
  if (auto key = ParseSymmetric(shown)) return *std::move(key);
  return std::nullopt;
}

std::string SignStandardWebhook(const std::vector<SigningKey>& keys, const SignedMessage& message) {
  WEBHOOK_ASSERT(IsUsableId(message.id));
  const std::string content =
      SignedContent(message.id, std::to_string(message.unix_seconds), message.body);
  std::string header;
  for (const SigningKey& key : keys) {
    if (!header.empty()) header += ' ';
    header += Entry(key, content);
  }
  return header;
}

StandardWebhookVerdict VerifyStandardWebhook(const std::vector<VerifyingKey>& keys,
                                             const ReceivedHeaders& headers, std::string_view body,
                                             base::WallTime now, std::chrono::seconds tolerance) {
  const std::optional<std::int64_t> seconds = ParseSeconds(headers.timestamp);
  if (!IsUsableId(headers.id) || !seconds || headers.signature.empty()) {
    return StandardWebhookVerdict::kHeaderInvalid;
  }
  const Signatures signatures = ParseSignatures(headers.signature);
  const std::string content = SignedContent(headers.id, headers.timestamp, body);
  bool found = false;
  for (const VerifyingKey& key : keys) found = Matches(key, content, signatures) || found;
  if (!found) return StandardWebhookVerdict::kNoMatch;
  const base::WallTime sent{std::chrono::seconds(*seconds)};
  if (now - sent > tolerance) return StandardWebhookVerdict::kTooOld;
  if (sent - now > tolerance) return StandardWebhookVerdict::kTooNew;
  return StandardWebhookVerdict::kValid;
}

}  // namespace webhook::signing
