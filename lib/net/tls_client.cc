// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace webhook::net {
namespace {

std::string QueuedError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

ssl_ctx_st* NewContext(const std::string& ca_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) throw std::runtime_error("TLS cannot be set up: " + QueuedError());
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                     : SSL_CTX_load_verify_file(context, ca_file.c_str());
  if (loaded != 1 || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    SSL_CTX_free(context);
    throw std::runtime_error("the trusted certificates" +
                             (ca_file.empty() ? std::string(" of the system") : " in " + ca_file) +
                             " cannot be loaded: " + QueuedError());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Many servers close without close_notify. A body that was cut off is seen by its length.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  return context;
}

bool ExpectHost(SSL* session, const std::string& host, bool is_address) {
  if (is_address) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session, host.c_str()) == 1 &&
         // What the macro SSL_set_tlsext_host_name does, without its C cast.
         SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;
}

}  // namespace

// Says good-bye without waiting for an answer.
void SslDeleter::operator()(ssl_st* session) const {
  if (SSL_is_init_finished(session)) SSL_shutdown(session);
  ERR_clear_error();
  SSL_free(session);
}

TlsClient::TlsClient(const std::string& ca_file) : context_(NewContext(ca_file)) {}

TlsClient::~TlsClient() { SSL_CTX_free(context_); }

SslSession TlsClient::NewSession(int socket, const std::string& host, bool is_address) const {
  SslSession session(SSL_new(context_));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1 ||
      !ExpectHost(session.get(), host, is_address)) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_connect_state(session.get());
  return session;
}

std::string TlsFailure(ssl_st* session) {
  std::string text = QueuedError();
  const long verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) {
    text += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
  }
  return text;
}

}  // namespace webhook::net
