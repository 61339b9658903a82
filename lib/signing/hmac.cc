// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/hmac.h"

#include <openssl/hmac.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

#include "lib/base/base64.h"
#include "lib/signing/openssl_digest.h"

namespace webhook::signing {
namespace {

std::string Encode(Encoding encoding, std::string_view bytes) {
  return encoding == Encoding::kHex ? EncodeHex(bytes) : base::EncodeBase64(bytes);
}

std::optional<std::string> Decode(const HmacScheme& scheme, std::string_view candidate) {
  if (candidate.starts_with(scheme.prefix)) candidate.remove_prefix(scheme.prefix.size());
  return scheme.encoding == Encoding::kHex ? DecodeHex(candidate) : base::DecodeBase64(candidate);
}

std::vector<std::string> DecodeAll(const HmacScheme& scheme,
                                   std::span<const std::string> candidates) {
  std::vector<std::string> decoded;
  for (const std::string& candidate :
       candidates.first(std::min(candidates.size(), kCandidatesMax))) {
    if (auto bytes = Decode(scheme, candidate)) decoded.push_back(*std::move(bytes));
  }
  return decoded;
}

}  // namespace

std::string HmacBytes(Digest digest, const base::Secret& secret, std::string_view message) {
  const std::string& key = secret.Reveal();
  if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw std::runtime_error("the key of an HMAC is too long");
  }
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (HMAC(OpenSslDigest(digest), key.data(), static_cast<int>(key.size()), Readable(message),
           message.size(), Writable(bytes), &size) == nullptr) {
    throw std::runtime_error("OpenSSL cannot compute an HMAC");
  }
  bytes.resize(size);
  return bytes;
}

std::string SignHmac(const HmacScheme& scheme, const base::Secret& secret,
                     std::string_view message) {
  return scheme.prefix + Encode(scheme.encoding, HmacBytes(scheme.digest, secret, message));
}

// Every pair is compared, so that the time does not tell which one matched.
bool VerifyHmac(const HmacScheme& scheme, std::span<const base::Secret> secrets,
                std::string_view message, std::span<const std::string> candidates) {
  const std::vector<std::string> decoded = DecodeAll(scheme, candidates);
  bool found = false;
  for (const base::Secret& secret : secrets) {
    if (secret.empty()) continue;
    const std::string expected = HmacBytes(scheme.digest, secret, message);
    for (const std::string& candidate : decoded) {
      found = EqualInConstantTime(expected, candidate) || found;
    }
  }
  return found;
}

}  // namespace webhook::signing
