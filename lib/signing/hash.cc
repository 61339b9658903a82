// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdexcept>

#include "lib/signing/openssl_digest.h"

namespace webhook::signing {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// 0 .. 15, or -1.
int DigitOf(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

}  // namespace

std::string HashBytes(Digest digest, std::string_view message) {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), Writable(bytes), &size, OpenSslDigest(digest),
                 nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute a hash");
  }
  bytes.resize(size);
  return bytes;
}

std::string EncodeHex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kHexDigits[value >> 4U];
    text += kHexDigits[value & 0x0FU];
  }
  return text;
}

std::optional<std::string> DecodeHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = DigitOf(text[at]);
    const int low = DigitOf(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

bool EqualInConstantTime(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace webhook::signing
