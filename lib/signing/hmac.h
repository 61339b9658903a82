// SPDX-License-Identifier: LGPL-3.0-or-later
// HMAC signatures (RFC 2104) over raw bytes, as senders of webhooks spell them: hexadecimal or
// base64, often with a prefix ("sha256="). Any thread. Throws std::runtime_error when OpenSSL
// cannot do what it must.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/signing/hash.h"

namespace webhook::signing {

enum class Encoding { kHex, kBase64 };

struct HmacScheme {
  Digest digest = Digest::kSha256;
  Encoding encoding = Encoding::kHex;
  std::string prefix = {};  // before the encoded signature; case matters
};

// More candidates than this are not looked at.
inline constexpr std::size_t kCandidatesMax = 64;

std::string HmacBytes(Digest digest, const base::Secret& secret, std::string_view message);

// Prefix and signature, hexadecimal in lower case, base64 with padding.
std::string SignHmac(const HmacScheme& scheme, const base::Secret& secret,
                     std::string_view message);

// Whether any candidate is the signature of the message under any of the secrets (several: one is
// being replaced). A candidate may lack the prefix; hexadecimal may be in either case; what cannot
// be decoded is simply wrong. Empty secrets match nothing.
bool VerifyHmac(const HmacScheme& scheme, std::span<const base::Secret> secrets,
                std::string_view message, std::span<const std::string> candidates);

}  // namespace webhook::signing
