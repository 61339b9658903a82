// SPDX-License-Identifier: LGPL-3.0-or-later
// Sealed secrets: texts that only the holder of a private key can read (X25519, HKDF-SHA256,
// ChaCha20-Poly1305; RFC 7748, RFC 5869, RFC 8439; schema/contract/README.md, "Sealed secrets").
// Any thread. Throws std::runtime_error when OpenSSL cannot do what it must.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace webhook::signing {

inline constexpr std::string_view kSealedPrefix = "sealed:1:";
inline constexpr std::size_t kSealingKeyBytes = 32;    // of either half
inline constexpr std::size_t kSealingKeyIdBytes = 8;   // SHA-256 of the public half, its beginning
inline constexpr std::size_t kSealedBytesMax = 40000;  // of the whole text, as the contract says

struct KeyPair {
  base::Secret private_key;
  std::string public_key;
};

KeyPair GenerateKeyPair();

// Precondition: a private key of kSealingKeyBytes.
std::string PublicKeyOf(const base::Secret& private_key);

std::string KeyId(std::string_view public_key);

// As people compare it: SHA-256 in lower-case hexadecimal, in groups of four.
std::string KeyFingerprint(std::string_view public_key);

// Nothing when the public key is none (its length, or a point without a secret), or the sealed text
// would be longer than kSealedBytesMax.
std::optional<std::string> Seal(std::string_view public_key, std::string_view associated_data,
                                const base::Secret& secret);

enum class OpenError {
  kMalformed,  // not a sealed secret of this version
  kOtherKey,   // sealed to another key: see SealedTo
  kAltered,    // damaged, or sealed with other associated data
};

// Precondition: a private key of kSealingKeyBytes. Total in `value`.
base::Result<base::Secret, OpenError> Open(const base::Secret& private_key,
                                           std::string_view associated_data,
                                           std::string_view value);

// The id of the key that a secret is sealed to; nothing when it is malformed.
std::optional<std::string> SealedTo(std::string_view value);

}  // namespace webhook::signing
