// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/rpc/test_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace webhook::rpc {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File Open(const std::string& name) {
  File file(std::fopen(name.c_str(), "w"), std::fclose);
  if (!file) throw std::runtime_error("cannot write " + name);
  return file;
}

void Require(bool good) {
  if (!good) throw std::runtime_error("no certificate");
}

}  // namespace

TestCertificate::TestCertificate() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  Require(key && certificate);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* const text = reinterpret_cast<const unsigned char*>("webhook test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"),
      X509_EXTENSION_free);
  Require(names && X509_add_ext(certificate.get(), names.get(), -1) == 1);
  Require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  Require(PEM_write_X509(Open(certificate_file()).get(), certificate.get()) == 1);
  Require(PEM_write_PrivateKey(Open(key_file()).get(), key.get(), nullptr, nullptr, 0, nullptr,
                               nullptr) == 1);
}

std::string TestCertificate::certificate_file() const { return directory_.File("certificate.pem"); }
std::string TestCertificate::key_file() const { return directory_.File("key.pem"); }

}  // namespace webhook::rpc
