// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

namespace webhook::net {
namespace {

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

// Alerts of the peer about a certificate, RFC 8446 section 6.2.
bool IsAlertAboutCertificate(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
  switch (ERR_GET_REASON(error)) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

}  // namespace

// Says good-bye without waiting for an answer.
void SslDeleter::operator()(ssl_st* session) const {
  if (SSL_is_init_finished(session)) SSL_shutdown(session);
  ERR_clear_error();
  SSL_free(session);
}

TlsClient::TlsClient(const std::string& ca_file) : TlsClient(NewUsualContext(ca_file), 0) {}

TlsClient::TlsClient(SslContext context, std::uint64_t number)
    : context_(std::move(context)), number_(number) {}

SslSession TlsClient::NewSession(int socket, const std::string& host, bool is_address) const {
  SslSession session(SSL_new(context_.get()));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1 ||
      !ExpectHost(session.get(), host, is_address)) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_connect_state(session.get());
  return session;
}

TlsFailure FailureOf(ssl_st* session) {
  const bool about_certificate = IsAlertAboutCertificate(ERR_peek_last_error());
  std::string text = QueuedTlsError();
  const long verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) {
    text += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
  }
  return {std::move(text), about_certificate};
}

}  // namespace webhook::net
