// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace webhook::net {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct StoreDeleter {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;
using Certificate = std::unique_ptr<X509, CertificateDeleter>;
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Store = std::unique_ptr<X509_STORE, StoreDeleter>;
using Problem = std::optional<std::string>;

// Without this OpenSSL asks the terminal for the pass phrase of an encrypted PEM.
int NoPassPhrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

SslContext NewContext() {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return nullptr;
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Many servers close without close_notify. A body that was cut off is seen by its length.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  return context;
}

// All certificates of a PEM text, in order; nothing when one of them is damaged, or there are too
// many.
std::optional<std::vector<Certificate>> ReadCertificates(const std::string& pem) {
  std::vector<Certificate> certificates;
  const Bio bio = Reading(pem);
  while (true) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr));
    if (next == nullptr) break;
    if (certificates.size() == kPemCertificatesMax) return std::nullopt;
    certificates.push_back(std::move(next));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return std::nullopt;
  return certificates;
}

// The first certificate is the client's own; those after it lead to an authority.
Problem ShowCertificates(SSL_CTX* context, const std::vector<Certificate>& certificates,
                         EVP_PKEY* key) {
  X509* own = certificates.front().get();
  if (X509_check_private_key(own, key) != 1) {
    return "the private key does not belong to the client certificate";
  }
  bool used =
      SSL_CTX_use_certificate(context, own) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  for (std::size_t i = 1; used && i < certificates.size(); ++i) {
    used = SSL_CTX_add1_chain_cert(context, certificates[i].get()) == 1;
  }
  if (used) return std::nullopt;
  return "the client certificate cannot be used: " + QueuedTlsError();
}

Problem UseClientCertificate(SSL_CTX* context, const delivery::TlsIdentity& identity) {
  const std::string& key_pem = identity.key_pem.Reveal();
  if (identity.certificate_pem.empty() && key_pem.empty()) return std::nullopt;
  if (key_pem.empty()) return "the client certificate has no private key";
  if (identity.certificate_pem.empty()) return "the private key has no client certificate";
  const auto certificates = ReadCertificates(identity.certificate_pem);
  if (!certificates.has_value() || certificates->empty()) {
    return "the client certificate is not a certificate in PEM";
  }
  const Key key(PEM_read_bio_PrivateKey(Reading(key_pem).get(), nullptr, NoPassPhrase, nullptr));
  if (key == nullptr) {
    return "the private key of the client certificate is not a key in PEM without a pass phrase";
  }
  return ShowCertificates(context, *certificates, key.get());
}

Problem TrustAuthorities(SSL_CTX* context, const std::string& ca_pem) {
  const auto authorities = ReadCertificates(ca_pem);
  if (!authorities.has_value() || authorities->empty()) {
    return "the authorities to trust are not certificates in PEM";
  }
  Store store(X509_STORE_new());
  for (const Certificate& authority : *authorities) {
    if (store == nullptr || X509_STORE_add_cert(store.get(), authority.get()) != 1) {
      return "the authorities to trust cannot be used: " + QueuedTlsError();
    }
  }
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set1_cert_store(context, store.get());
  return std::nullopt;
}

bool IsTooLong(const delivery::TlsIdentity& identity) {
  return identity.certificate_pem.size() > kPemBytesMax ||
         identity.key_pem.Reveal().size() > kPemBytesMax || identity.ca_pem.size() > kPemBytesMax;
}

}  // namespace

void SslContextDeleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

std::string QueuedTlsError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

SslContext NewUsualContext(const std::string& ca_file) {
  SslContext context = NewContext();
  if (context == nullptr) throw std::runtime_error("TLS cannot be set up: " + QueuedTlsError());
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
  if (loaded == 1) return context;
  throw std::runtime_error("the trusted certificates" +
                           (ca_file.empty() ? std::string(" of the system") : " in " + ca_file) +
                           " cannot be loaded: " + QueuedTlsError());
}

base::Result<SslContext, std::string> NewIdentityContext(const delivery::TlsIdentity& identity,
                                                         ssl_ctx_st* usual) {
  if (IsTooLong(identity)) {
    return "a certificate or key is longer than " + std::to_string(kPemBytesMax) + " bytes";
  }
  SslContext context = NewContext();
  if (context == nullptr) return "TLS cannot be set up: " + QueuedTlsError();
  Problem problem = UseClientCertificate(context.get(), identity);
  if (!problem.has_value() && !identity.ca_pem.empty()) {
    problem = TrustAuthorities(context.get(), identity.ca_pem);
  }
  ERR_clear_error();
  if (problem.has_value()) return *std::move(problem);
  // Shared, not copied: the system's authorities take megabytes.
  if (identity.ca_pem.empty()) {
    SSL_CTX_set1_cert_store(context.get(), SSL_CTX_get_cert_store(usual));
  }
  return context;
}

}  // namespace webhook::net
