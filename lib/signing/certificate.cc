// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/signing/certificate.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace webhook::signing {
namespace {

constexpr std::size_t kCertificatesMax = 500;  // authorities of a whole system are about 150
constexpr std::size_t kPemBytesMax = 4'194'304;
constexpr int kSecurityBitsMin = 112;  // RSA with 2048 bits: what OpenSSL's TLS asks for

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Certificates = std::vector<Certificate>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

// What goes wrong in here is an answer: it must not be found in this thread's queue by others.
struct ErrorsCleared {
  ~ErrorsCleared() { ERR_clear_error(); }
};

// Null for a text beyond every limit.
Bio Reading(std::string_view text) {
  if (text.size() > kPemBytesMax) return nullptr;
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Asked for the passphrase of an encrypted key: there is none, but it was asked.
int NoPassphrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

// Nothing when one cannot be read, or there is none.
std::optional<Certificates> ReadCertificates(std::string_view pem) {
  const Bio bio = Reading(pem);
  Certificates found;
  bool was_asked = false;
  while (bio && found.size() < kCertificatesMax) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, &was_asked));
    if (next) {
      found.push_back(std::move(next));
      continue;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end || found.empty()) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

bool HoldsPrivateKey(std::string_view pem) {
  return pem.find("PRIVATE KEY-----") != std::string_view::npos;
}

std::string DateOf(const ASN1_TIME* time) {
  std::tm date{};
  if (ASN1_TIME_to_tm(time, &date) != 1) return "an unknown day";
  return fmt::format("{:04}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

// "has expired on 2026-01-31", or nothing.
std::optional<std::string> ValidityProblem(const X509* certificate, base::WallTime now) {
  auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  const ASN1_TIME* const from = X509_get0_notBefore(certificate);
  const ASN1_TIME* const to = X509_get0_notAfter(certificate);
  // X509_cmp_time: negative when the time is not after the second argument, 0 on an error.
  if (X509_cmp_time(to, &seconds) <= 0) return "expired on " + DateOf(to);
  if (X509_cmp_time(from, &seconds) >= 0) return "is not valid before " + DateOf(from);
  return std::nullopt;
}

bool IsWeak(const EVP_PKEY* key) { return EVP_PKEY_get_security_bits(key) < kSecurityBitsMin; }

std::optional<std::string> KeyProblem(X509* certificate, const base::Secret& key_pem) {
  if (key_pem.empty()) return "The client certificate's private key is missing.";
  const Bio bio = Reading(key_pem.Reveal());
  bool was_asked = false;
  const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, &was_asked)
                    : nullptr);
  if (!key && was_asked) {
    return "The client certificate's private key is encrypted: enter it without a passphrase.";
  }
  if (!key) return "The client certificate's private key is not a private key in PEM format.";
  if (X509_check_private_key(certificate, key.get()) != 1) {
    return "The private key is not that of the client certificate, which must come first, before "
           "its chain.";
  }
  if (IsWeak(key.get())) {
    return "The client certificate's key is too weak for TLS: RSA needs 2048 bits or more.";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> CheckClientCertificate(std::string_view certificate_pem,
                                                  const base::Secret& key_pem, base::WallTime now) {
  const ErrorsCleared cleared;
  if (HoldsPrivateKey(certificate_pem)) {
    return "The client certificate holds a private key: that is entered apart, as a secret.";
  }
  const std::optional<Certificates> chain = ReadCertificates(certificate_pem);
  if (!chain) return "The client certificate is not a certificate in PEM format.";
  X509* const first = chain->front().get();
  if (auto problem = ValidityProblem(first, now)) {
    return fmt::format("The client certificate {}.", *problem);
  }
  return KeyProblem(first, key_pem);
}

std::optional<std::string> CheckAuthorities(std::string_view ca_pem, base::WallTime now) {
  const ErrorsCleared cleared;
  if (HoldsPrivateKey(ca_pem)) return "The authorities hold a private key; only certificates do.";
  const std::optional<Certificates> authorities = ReadCertificates(ca_pem);
  if (!authorities) return "The authorities are not certificates in PEM format.";
  const auto is_valid = [now](const Certificate& one) { return !ValidityProblem(one.get(), now); };
  if (std::any_of(authorities->begin(), authorities->end(), is_valid)) return std::nullopt;
  return fmt::format("No authority is valid now: the first {}.",
                     *ValidityProblem(authorities->front().get(), now));
}

}  // namespace webhook::signing
