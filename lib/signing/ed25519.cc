// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/ed25519.h"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

#include "lib/base/assert.h"
#include "lib/signing/openssl_digest.h"

namespace webhook::signing {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

[[noreturn]] void ThrowBroken() { throw std::runtime_error("OpenSSL cannot compute Ed25519"); }

Key PrivateKey(const base::Secret& seed) {
  WEBHOOK_ASSERT(seed.Reveal().size() == kEd25519SeedBytes);
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Readable(seed.Reveal()),
                                       seed.Reveal().size()));
  if (!key) ThrowBroken();
  return key;
}

Context NewContext() {
  Context context(EVP_MD_CTX_new());
  if (!context) ThrowBroken();
  return context;
}

}  // namespace

std::string Ed25519PublicKey(const base::Secret& seed) {
  const Key key = PrivateKey(seed);
  std::string bytes(kEd25519PublicKeyBytes, '\0');
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), Writable(bytes), &size) != 1) ThrowBroken();
  return bytes;
}

std::string SignEd25519(const base::Secret& seed, std::string_view message) {
  const Key key = PrivateKey(seed);
  const Context context = NewContext();
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), Writable(signature), &size, Readable(message),
                     message.size()) != 1) {
    ThrowBroken();
  }
  signature.resize(size);
  return signature;
}

bool VerifyEd25519(std::string_view public_key, std::string_view message,
                   std::string_view signature) {
  if (public_key.size() != kEd25519PublicKeyBytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Readable(public_key),
                                            public_key.size()));
  if (!key) return false;
  const Context context = NewContext();
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Readable(signature), signature.size(), Readable(message),
                          message.size()) == 1;
}

}  // namespace webhook::signing
