// SPDX-License-Identifier: LGPL-3.0-or-later
// Our names and types in OpenSSL's. For this folder's sources.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "lib/base/assert.h"
#include "lib/signing/hash.h"

namespace webhook::signing {

inline const EVP_MD* OpenSslDigest(Digest digest) {
  switch (digest) {
    case Digest::kSha1:
      return EVP_sha1();
    case Digest::kSha256:
      return EVP_sha256();
    case Digest::kSha512:
      return EVP_sha512();
  }
  WEBHOOK_ASSERT(false);
  return nullptr;
}

inline const unsigned char* Readable(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

inline unsigned char* Writable(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace webhook::signing
