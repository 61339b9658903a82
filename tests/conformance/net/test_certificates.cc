// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/net/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <utility>

#include "lib/base/assert.h"

namespace webhook::net_tests {
namespace {

constexpr long kHour = 3600;

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  WEBHOOK_ASSERT(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void SetName(X509_NAME* name, const char* text) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text),
                             -1, -1, 0);
}

Certificate NewCertificate(const Key& key, const char* subject, int hours_left) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), hours_left * kHour);
  X509_set_pubkey(certificate.get(), key.get());
  SetName(X509_get_subject_name(certificate.get()), subject);
  return certificate;
}

std::string TextOf(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string PemOf(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  WEBHOOK_ASSERT(PEM_write_bio_X509(bio, certificate) == 1);
  return TextOf(bio);
}

}  // namespace

std::string Issued::CertificatePem() const { return PemOf(certificate.get()); }

std::string Issued::KeyPem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  WEBHOOK_ASSERT(PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
                 1);
  return TextOf(bio);
}

TestAuthority::TestAuthority(const char* name) : key_(EVP_EC_gen("P-256")) {
  certificate_ = NewCertificate(key_, name, 24);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  AddExtension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  WEBHOOK_ASSERT(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
}

std::string TestAuthority::Pem() const { return PemOf(certificate_.get()); }

void TestAuthority::WritePem(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  WEBHOOK_ASSERT(file != nullptr && PEM_write_X509(file, certificate_.get()) == 1);
  std::fclose(file);
}

Issued TestAuthority::Issue(const char* subject, const std::string& names, int hours_left) const {
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate = NewCertificate(key, subject, hours_left);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  AddExtension(certificate.get(), certificate_.get(), NID_subject_alt_name, names);
  WEBHOOK_ASSERT(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {std::move(certificate), std::move(key)};
}

ServerContext TestAuthority::NewServer(const std::string& names, int hours_left) const {
  const Issued issued = Issue("Test receiver", names, hours_left);
  ServerContext context(SSL_CTX_new(TLS_server_method()));
  WEBHOOK_ASSERT(SSL_CTX_use_certificate(context.get(), issued.certificate.get()) == 1 &&
                 SSL_CTX_use_PrivateKey(context.get(), issued.key.get()) == 1);
  return context;
}

void TestAuthority::DemandClientsOf(SSL_CTX* server) const {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(server), certificate_.get());
  SSL_CTX_set_verify(server, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

}  // namespace webhook::net_tests
