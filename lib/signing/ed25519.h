// SPDX-License-Identifier: LGPL-3.0-or-later
// Ed25519 (RFC 8032) on raw keys. Any thread. Throws std::runtime_error when OpenSSL cannot do what
// it must.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/base/secret.h"

namespace webhook::signing {

inline constexpr std::size_t kEd25519SeedBytes = 32;
inline constexpr std::size_t kEd25519PublicKeyBytes = 32;

// Precondition: a seed of kEd25519SeedBytes.
std::string Ed25519PublicKey(const base::Secret& seed);
std::string SignEd25519(const base::Secret& seed, std::string_view message);

// False for a key or a signature of the wrong length too.
bool VerifyEd25519(std::string_view public_key, std::string_view message,
                   std::string_view signature);

}  // namespace webhook::signing
