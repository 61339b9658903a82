// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/sealed_secret.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "lib/base/assert.h"
#include "lib/base/base64.h"
#include "lib/signing/hash.h"
#include "lib/signing/openssl_digest.h"

namespace webhook::signing {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = kSealingKeyIdBytes + kSealingKeyBytes + kNonceBytes;
constexpr std::string_view kInfo = "webhook-worker sealed secret 1";

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};
template <typename Type>
using Owned = std::unique_ptr<Type, Free>;

[[noreturn]] void ThrowBroken(const char* what) {
  throw std::runtime_error(std::string("OpenSSL cannot compute ") + what);
}

// The parts of a sealed secret, decoded. Borrows.
struct Parts {
  std::string_view key_id;
  std::string_view ephemeral;
  std::string_view nonce;
  std::string_view text;  // with its tag
};

std::optional<std::string> Decode(std::string_view value) {
  if (value.size() > kSealedBytesMax || !value.starts_with(kSealedPrefix)) return std::nullopt;
  std::optional<std::string> bytes = base::DecodeBase64(value.substr(kSealedPrefix.size()));
  if (!bytes || bytes->size() < kHeadBytes + kTagBytes) return std::nullopt;
  return bytes;
}

Parts Split(std::string_view bytes) {
  const auto take = [&bytes](std::size_t size) {
    const std::string_view part = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return part;
  };
  Parts parts;
  parts.key_id = take(kSealingKeyIdBytes);
  parts.ephemeral = take(kSealingKeyBytes);
  parts.nonce = take(kNonceBytes);
  parts.text = bytes;
  return parts;
}

Owned<EVP_PKEY> PrivateKey(const base::Secret& private_key) {
  WEBHOOK_ASSERT(private_key.Reveal().size() == kSealingKeyBytes);
  Owned<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_X25519, nullptr, Readable(private_key.Reveal()), kSealingKeyBytes));
  if (!key) ThrowBroken("X25519");
  return key;
}

// Nothing for a public key with which no secret can be shared (RFC 7748, section 6.1).
std::optional<base::Secret> SharedSecret(const base::Secret& private_key,
                                         std::string_view public_key) {
  if (public_key.size() != kSealingKeyBytes) return std::nullopt;
  const Owned<EVP_PKEY> ours = PrivateKey(private_key);
  const Owned<EVP_PKEY> theirs(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_X25519, nullptr, Readable(public_key), public_key.size()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(ours.get(), nullptr));
  if (!theirs || !context || EVP_PKEY_derive_init(context.get()) != 1) ThrowBroken("X25519");
  std::string shared(kSealingKeyBytes, '\0');
  std::size_t size = shared.size();
  const bool derived = EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
                       EVP_PKEY_derive(context.get(), Writable(shared), &size) == 1;
  ERR_clear_error();  // others read this thread's queue
  if (!derived) return std::nullopt;
  return base::Secret(std::move(shared));
}

base::Secret DeriveKey(const base::Secret& shared, std::string salt) {
  const Owned<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const Owned<EVP_KDF_CTX> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  if (!context) ThrowBroken("HKDF");
  std::string digest = "SHA256";
  std::string ikm = shared.Reveal();
  std::string info(kInfo);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, ikm.data(), ikm.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  std::string key(32, '\0');
  const bool derived = EVP_KDF_derive(context.get(), Writable(key), key.size(), params) == 1;
  base::Secret::Wipe(ikm);
  if (!derived) ThrowBroken("HKDF");
  return base::Secret(std::move(key));
}

std::string Salt(std::string_view ephemeral, std::string_view public_key) {
  return std::string(ephemeral).append(public_key);
}

Owned<EVP_CIPHER_CTX> NewCipher(const base::Secret& key, std::string_view nonce, bool encrypt) {
  Owned<EVP_CIPHER_CTX> cipher(EVP_CIPHER_CTX_new());
  if (!cipher || EVP_CipherInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr,
                                   Readable(key.Reveal()), Readable(nonce), encrypt ? 1 : 0) != 1) {
    ThrowBroken("ChaCha20-Poly1305");
  }
  return cipher;
}

// `to` may be nullptr: the bytes are associated data.
bool Update(EVP_CIPHER_CTX* cipher, unsigned char* to, std::string_view bytes) {
  int size = 0;
  return bytes.empty() ||
         EVP_CipherUpdate(cipher, to, &size, Readable(bytes), static_cast<int>(bytes.size())) == 1;
}

std::string Encrypt(const base::Secret& key, std::string_view nonce,
                    std::string_view associated_data, std::string_view clear) {
  const Owned<EVP_CIPHER_CTX> cipher = NewCipher(key, nonce, true);
  std::string text(clear.size() + kTagBytes, '\0');
  unsigned char* const tag = Writable(text) + clear.size();
  int size = 0;
  if (!Update(cipher.get(), nullptr, associated_data) ||
      !Update(cipher.get(), Writable(text), clear) ||
      EVP_CipherFinal_ex(cipher.get(), tag, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) != 1) {
    ThrowBroken("ChaCha20-Poly1305");
  }
  return text;
}

// Nothing when the tag does not fit.
std::optional<base::Secret> Decrypt(const base::Secret& key, std::string_view nonce,
                                    std::string_view associated_data, std::string_view text) {
  const Owned<EVP_CIPHER_CTX> cipher = NewCipher(key, nonce, false);
  const std::string_view sealed = text.substr(0, text.size() - kTagBytes);
  std::string tag(text.substr(sealed.size()));
  std::string clear(sealed.size() + 1, '\0');  // never empty, so that it has an address
  int size = 0;
  if (!Update(cipher.get(), nullptr, associated_data) ||
      !Update(cipher.get(), Writable(clear), sealed) ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) != 1) {
    ThrowBroken("ChaCha20-Poly1305");
  }
  const bool fits = EVP_CipherFinal_ex(cipher.get(), Writable(clear) + sealed.size(), &size) == 1;
  ERR_clear_error();
  clear.pop_back();
  base::Secret secret(std::move(clear));
  if (!fits) return std::nullopt;
  return secret;
}

}  // namespace

KeyPair GenerateKeyPair() {
  std::string bytes(kSealingKeyBytes, '\0');
  if (RAND_priv_bytes(Writable(bytes), static_cast<int>(bytes.size())) != 1) {
    ThrowBroken("random bytes");
  }
  KeyPair pair;
  pair.private_key = base::Secret(std::move(bytes));
  pair.public_key = PublicKeyOf(pair.private_key);
  return pair;
}

std::string PublicKeyOf(const base::Secret& private_key) {
  const Owned<EVP_PKEY> key = PrivateKey(private_key);
  std::string bytes(kSealingKeyBytes, '\0');
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), Writable(bytes), &size) != 1) ThrowBroken("X25519");
  return bytes;
}

std::string KeyId(std::string_view public_key) {
  return HashBytes(Digest::kSha256, public_key).substr(0, kSealingKeyIdBytes);
}

std::string KeyFingerprint(std::string_view public_key) {
  const std::string hex = EncodeHex(HashBytes(Digest::kSha256, public_key));
  std::string text;
  for (std::size_t at = 0; at < hex.size(); at += 4) {
    if (at > 0) text += ' ';
    text += hex.substr(at, 4);
  }
  return text;
}

std::optional<std::string> Seal(std::string_view public_key, std::string_view associated_data,
                                const base::Secret& secret) {
  if (secret.Reveal().size() > kSealedBytesMax) return std::nullopt;
  const KeyPair ephemeral = GenerateKeyPair();
  const std::optional<base::Secret> shared = SharedSecret(ephemeral.private_key, public_key);
  if (!shared) return std::nullopt;
  const base::Secret key = DeriveKey(*shared, Salt(ephemeral.public_key, public_key));
  std::string nonce(kNonceBytes, '\0');
  if (RAND_bytes(Writable(nonce), kNonceBytes) != 1) ThrowBroken("random bytes");
  std::string bytes = KeyId(public_key) + ephemeral.public_key + nonce;
  bytes += Encrypt(key, nonce, associated_data, secret.Reveal());
  std::string value = std::string(kSealedPrefix) + base::EncodeBase64(bytes);
  if (value.size() > kSealedBytesMax) return std::nullopt;
  return value;
}

base::Result<base::Secret, OpenError> Open(const base::Secret& private_key,
                                           std::string_view associated_data,
                                           std::string_view value) {
  const std::optional<std::string> bytes = Decode(value);
  if (!bytes) return OpenError::kMalformed;
  const Parts parts = Split(*bytes);
  const std::string public_key = PublicKeyOf(private_key);
  if (parts.key_id != KeyId(public_key)) return OpenError::kOtherKey;
  const std::optional<base::Secret> shared = SharedSecret(private_key, parts.ephemeral);
  if (!shared) return OpenError::kAltered;
  const base::Secret key = DeriveKey(*shared, Salt(parts.ephemeral, public_key));
  auto secret = Decrypt(key, parts.nonce, associated_data, parts.text);
  if (!secret) return OpenError::kAltered;
  return *std::move(secret);
}

std::optional<std::string> SealedTo(std::string_view value) {
  const std::optional<std::string> bytes = Decode(value);
  if (!bytes) return std::nullopt;
  return std::string(Split(*bytes).key_id);
}

}  // namespace webhook::signing
