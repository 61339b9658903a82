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

// A certificate with its key.
struct Issued {
  Certificate certificate;
  Key key;

  std::string CertificatePem() const;
  std::string KeyPem() const;
};

class TestAuthority {
 public:
  explicit TestAuthority(const char* name = "Test authority");

  std::string Pem() const;
  void WritePem(const std::string& path) const;

  // `names`: "DNS:a.example,IP:127.0.0.1". Valid from two hours ago until `hours_left` from now.
  Issued Issue(const char* subject, const std::string& names, int hours_left = 1) const;
  ServerContext NewServer(const std::string& names, int hours_left = 1) const;

  // Without a certificate of this authority there is no handshake with the server.
  void DemandClientsOf(SSL_CTX* server) const;

 private:
  Key key_;
  Certificate certificate_;
};

}  // namespace webhook::net_tests
