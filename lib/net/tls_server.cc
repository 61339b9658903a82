// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <stdexcept>
#include <utility>

namespace webhook::net {
namespace {

constexpr base::Milliseconds kLookAgainAfter{60000};

// Without this OpenSSL asks the terminal for the pass phrase of an encrypted key.
int NoPassPhrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

// HTTP/1.1 for those who offer it; who offers only other protocols is told nothing and will see
// what we speak (RFC 7301, 3.2, would end the handshake).
int ChooseHttp11(SSL* /*session*/, const unsigned char** chosen, unsigned char* chosen_size,
                 const unsigned char* offered, unsigned int offered_size, void* /*data*/) {
  static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kOurs, sizeof kOurs, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

SslContext NewContext() {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return nullptr;
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // A request that was cut off is seen by its length.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_default_passwd_cb(context.get(), NoPassPhrase);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseHttp11, nullptr);
  return context;
}

}  // namespace

TlsServer::TlsServer(std::string certificate_file, std::string key_file, const base::Clock& clock,
                     base::EventLog& log)
    : certificate_file_(std::move(certificate_file)),
      key_file_(std::move(key_file)),
      clock_(clock),
      log_(log) {
  base::MutexLock lock(mutex_);
  stamps_ = {StampOf(certificate_file_), StampOf(key_file_)};
  looked_at_ = clock_.SteadyNow();
  base::Result<SslContext, std::string> loaded = Load();
  if (!loaded.ok()) throw std::runtime_error(loaded.error());
  context_ = std::move(loaded).value();
}

SslSession TlsServer::NewSession(int socket) {
  base::MutexLock lock(mutex_);
  ReloadWhenChanged();
  SslSession session(SSL_new(context_.get()));
  if (session == nullptr || SSL_set_fd(session.get(), socket) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_accept_state(session.get());
  return session;
}

// Both files are written one after the other: until they fit together the old pair serves on.
void TlsServer::ReloadWhenChanged() {
  const base::SteadyTime now = clock_.SteadyNow();
  if (now - looked_at_ < kLookAgainAfter) return;
  looked_at_ = now;
  const std::vector<Stamp> stamps = {StampOf(certificate_file_), StampOf(key_file_)};
  if (stamps == stamps_) return;
  base::Result<SslContext, std::string> loaded = Load();
  if (!loaded.ok()) {
    log_.Write(base::Level::kWarning, "http_server.certificate_refused",
               {{"detail", loaded.error()}});
    return;
  }
  stamps_ = stamps;
  context_ = std::move(loaded).value();
  log_.Write(base::Level::kInfo, "http_server.certificate_loaded",
             {{"certificate_file", certificate_file_}});
}

base::Result<SslContext, std::string> TlsServer::Load() const {
  SslContext context = NewContext();
  if (context == nullptr) return "TLS cannot be set up: " + QueuedTlsError();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file_.c_str()) != 1) {
    return "the certificate in " + certificate_file_ + " cannot be used: " + QueuedTlsError();
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file_.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return "the private key in " + key_file_ + " cannot be used: " + QueuedTlsError();
  }
  return context;
}

TlsServer::Stamp TlsServer::StampOf(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  return {status.st_ino, status.st_size,
          status.st_mtim.tv_sec * kNsPerSecond + status.st_mtim.tv_nsec};
}

}  // namespace webhook::net
