// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/server_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

namespace webhook::net {
namespace {

Transferred Of(ssize_t result) {
  if (result >= 0) return {Step::kDone, static_cast<std::size_t>(result)};
  return {errno == EAGAIN || errno == EINTR ? Step::kBlocked : Step::kFailed, 0};
}

}  // namespace

Step ServerStream::Handshake() { return TlsStep(SSL_do_handshake(tls_.get())); }

Transferred ServerStream::Read(std::span<char> buffer) {
  if (tls_ == nullptr) return Of(recv(fd(), buffer.data(), buffer.size(), 0));
  std::size_t received = 0;
  const int result = SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &received);
  if (result == 1) return {Step::kDone, received};
  if (SSL_get_error(tls_.get(), result) == SSL_ERROR_ZERO_RETURN) return {Step::kDone, 0};
  return {TlsStep(result), 0};
}

Transferred ServerStream::Write(std::string_view bytes) {
  if (tls_ == nullptr) return Of(send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  std::size_t sent = 0;
  const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
  return {TlsStep(result), sent};
}

void ServerStream::EndWriting() {
  tls_.reset();  // says good-bye
  shutdown(fd(), SHUT_WR);
}

Transferred ServerStream::Discard(std::span<char> buffer) {
  return Of(recv(fd(), buffer.data(), buffer.size(), 0));
}

Step ServerStream::TlsStep(int result) {
  if (result == 1) return Step::kDone;
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Step::kBlocked
                                                                       : Step::kFailed;
}

}  // namespace webhook::net
