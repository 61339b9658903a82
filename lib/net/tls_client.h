// SPDX-License-Identifier: LGPL-3.0-or-later
// The client side of TLS, through OpenSSL: 1.2 or newer, the peer's certificate and name always
// verified. There is no way to turn that off; a private authority is named by file.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace webhook::net {

struct SslDeleter {
  void operator()(ssl_st* session) const;
};
using SslSession = std::unique_ptr<ssl_st, SslDeleter>;

// Any thread, once built.
class TlsClient {
 public:
  // `ca_file`: PEM certificates to trust instead of the system's; empty for the system's. Throws
  // std::runtime_error when they cannot be loaded.
  explicit TlsClient(const std::string& ca_file);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // A session that will only accept a certificate of `host` (an address when `is_address`), over a
  // connected socket. Null when memory is short.
  SslSession NewSession(int socket, const std::string& host, bool is_address) const;

 private:
  ssl_ctx_st* const context_;
};

// Why the last step of the session failed: "certificate verify failed (certificate has expired)".
// Empties the thread's error queue.
std::string TlsFailure(ssl_st* session);

}  // namespace webhook::net
