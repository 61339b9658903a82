// SPDX-License-Identifier: LGPL-3.0-or-later
// The client side of TLS, through OpenSSL: 1.2 or newer, the peer's certificate and name always
// verified. There is no way to turn that off; a private authority is named by file, or by an
// identity.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lib/net/tls_context.h"

struct ssl_st;

namespace webhook::net {

struct SslDeleter {
  void operator()(ssl_st* session) const;
};
using SslSession = std::unique_ptr<ssl_st, SslDeleter>;

// Any thread, once built.
class TlsClient {
 public:
  // Who shows no certificate. `ca_file`: see NewUsualContext, which throws.
  explicit TlsClient(const std::string& ca_file);

  // `number`: no other client of the transport has it.
  TlsClient(SslContext context, std::uint64_t number);

  // Connections of one client are never used for another; zero for who shows no certificate.
  std::uint64_t number() const { return number_; }

  ssl_ctx_st* context() const { return context_.get(); }

  // A session that will only accept a certificate of `host` (an address when `is_address`), over a
  // connected socket. Null when memory is short.
  SslSession NewSession(int socket, const std::string& host, bool is_address) const;

 private:
  const SslContext context_;
  const std::uint64_t number_;
};

// Why the last step of a session failed.
struct TlsFailure {
  std::string detail;  // "certificate verify failed (certificate has expired)"

  // The peer did not take our certificate, or wants one: it says so before it looks at a request,
  // also with TLS 1.3, where the client may have sent one already (RFC 8446, 4.4.2.4 and 6.2).
  bool is_about_our_certificate;
};

// Empties the thread's error queue.
TlsFailure FailureOf(ssl_st* session);

}  // namespace webhook::net
