// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/net/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

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

}  // namespace

TestAuthority::TestAuthority() : key_(EVP_EC_gen("P-256")) {
  certificate_ = NewCertificate(key_, "Test authority", 24);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  AddExtension(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  WEBHOOK_ASSERT(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
}

void TestAuthority::WritePem(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  WEBHOOK_ASSERT(file != nullptr && PEM_write_X509(file, certificate_.get()) == 1);
  std::fclose(file);
}

ServerContext TestAuthority::NewServer(const std::string& names, int hours_left) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = Issue(key, names, hours_left);
  ServerContext context(SSL_CTX_new(TLS_server_method()));
  WEBHOOK_ASSERT(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
                 SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

Certificate TestAuthority::Issue(const Key& key, const std::string& names, int hours_left) const {
  Certificate certificate = NewCertificate(key, "Test receiver", hours_left);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  AddExtension(certificate.get(), certificate_.get(), NID_subject_alt_name, names);
  WEBHOOK_ASSERT(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return certificate;
}

}  // namespace webhook::net_tests
