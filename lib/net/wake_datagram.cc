// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/wake_datagram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace webhook::net {
namespace {

constexpr base::Milliseconds kFreshnessMax{60000};
constexpr std::size_t kDatabaseBytesMax = 192;  // 63 bytes in PostgreSQL, each as %XX at most
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kCounterDigitsMax = 20;  // 64 bits: Odoo counts in nanoseconds
constexpr std::size_t kTimeDigitsMax = 15;

std::vector<std::string_view> SplitAtSpaces(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t space = text.find(' ');
    parts.push_back(text.substr(0, space));
    if (space == std::string_view::npos) return parts;
    text.remove_prefix(space + 1);
  }
}

// Decimal digits without leading zeros; every number has one spelling.
std::optional<std::uint64_t> ParseCount(std::string_view text, std::size_t digits_max) {
  std::uint64_t number = 0;
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  if (text.front() == '0' && text.size() > 1) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool IsDatabaseName(std::string_view text) {
  return !text.empty() && text.size() <= kDatabaseBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string HexHmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  WEBHOOK_ASSERT(length == kDigestBytes);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < kDigestBytes; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

bool SignatureMatches(std::string_view key, std::string_view text, std::string_view signature) {
  const std::string expected = HexHmac(key, text);
  return signature.size() == expected.size() &&
         CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
}

bool IsFresh(std::int64_t unix_ms, base::WallTime now) {
  const std::int64_t age = base::ToUnixMs(now) - unix_ms;
  return age <= kFreshnessMax.count() && age >= -kFreshnessMax.count();
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
         c == '_' || c == '-' || c == '~';
}

}  // namespace

std::string EncodeWakeDatabase(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

std::optional<std::string> DecodeWakeSecret(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0 || base64.size() > 1024) return std::nullopt;
  std::string decoded(base64.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                     reinterpret_cast<const unsigned char*>(base64.data()),
                                     static_cast<int>(base64.size()));
  if (length != static_cast<int>(decoded.size())) return std::nullopt;
  if (base64.ends_with("=")) decoded.pop_back();
  if (base64.ends_with("==")) decoded.pop_back();
  return decoded;
}

base::Result<WakeDatagram, WakeRefusal> VerifyWakeDatagram(std::string_view bytes,
                                                           std::string_view key,
                                                           base::WallTime now) {
  if (bytes.size() > kWakeDatagramBytesMax) return WakeRefusal::kMalformed;
  const std::vector<std::string_view> parts = SplitAtSpaces(bytes);
  if (parts.size() != 5 || parts[0] != "ww1") return WakeRefusal::kMalformed;
  const std::optional<std::uint64_t> counter = ParseCount(parts[2], kCounterDigitsMax);
  const std::optional<std::uint64_t> unix_ms = ParseCount(parts[3], kTimeDigitsMax);
  if (!IsDatabaseName(parts[1]) || !counter.has_value() || !unix_ms.has_value()) {
    return WakeRefusal::kMalformed;
  }
  const std::string_view signed_text = bytes.substr(0, bytes.size() - parts[4].size() - 1);
  if (key.empty() || !SignatureMatches(key, signed_text, parts[4])) return WakeRefusal::kSignature;
  const auto time = static_cast<std::int64_t>(*unix_ms);
  if (!IsFresh(time, now)) return WakeRefusal::kStale;
  return WakeDatagram{std::string(parts[1]), *counter, time};
}

bool WakeReplayWindow::Accept(const WakeDatagram& datagram) {
  if (datagram.unix_ms <= floor_ms_) return false;
  if (!seen_.emplace(datagram.unix_ms, datagram.counter).second) return false;
  if (seen_.size() > kRememberedMax) {
    floor_ms_ = seen_.begin()->first;
    seen_.erase(seen_.begin());
  }
  return true;
}

}  // namespace webhook::net
