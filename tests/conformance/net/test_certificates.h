// SPDX-License-Identifier: LGPL-3.0-or-later
// Certificates made on the spot, for TLS receivers of the tests.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace webhook::net_tests {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using Certificate = std::unique_ptr<X509, CertificateDeleter>;
using ServerContext = std::unique_ptr<SSL_CTX, ContextDeleter>;

class TestAuthority {
 public:
  TestAuthority();

  void WritePem(const std::string& path) const;

  // `names`: "DNS:a.example,IP:127.0.0.1". Valid from an hour ago until `hours_left` from now.
  ServerContext NewServer(const std::string& names, int hours_left = 1) const;

 private:
  Certificate Issue(const Key& key, const std::string& names, int hours_left) const;

  Key key_;
  Certificate certificate_;
};

}  // namespace webhook::net_tests
