// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/connection.h"

#include <linux/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "lib/net/socket_address.h"

namespace webhook::net {
namespace {

std::string SystemMessage(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

bool WouldBlock(int error_number) { return error_number == EAGAIN || error_number == EINTR; }

// Of connect: no port left, no memory. Everything else is about the way to the peer; for IPv6 also
// EADDRNOTAVAIL, which a machine without IPv6 says of every address.
bool IsOurs(int error_number, int family) {
  return (error_number == EADDRNOTAVAIL && family == AF_INET) || error_number == EAGAIN ||
         error_number == ENOMEM || error_number == ENOBUFS;
}

void SendWithoutDelay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

base::Result<std::unique_ptr<Connection>, DialError> Connection::Dial(
    std::uint64_t id, const CheckedAddress& address) {
  const SocketAddress target = ToSocketAddress(address.address(), address.port());
  FileDescriptor socket(::socket(target.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return DialError{errno != EAFNOSUPPORT, SystemMessage(errno)};
  SendWithoutDelay(socket.get());
  if (connect(socket.get(), target.get(), target.length) != 0 && errno != EINPROGRESS) {
    return DialError{IsOurs(errno, target.family()), SystemMessage(errno)};
  }
  return std::unique_ptr<Connection>(new Connection(id, address, std::move(socket)));
}

Step Connection::FinishConnect() {
  int error_number = 0;
  socklen_t length = sizeof error_number;
  getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error_number, &length);
  if (error_number != 0) return SystemFailure(error_number);
  SocketAddress peer;
  if (getpeername(fd(), peer.get(), &peer.length) != 0) return Step::kBlocked;
  return Step::kDone;
}

Step Connection::Handshake() {
  if (tls_ == nullptr) {
    failure_ = "TLS cannot be set up";
    return Step::kFailed;
  }
  return TlsStep(SSL_do_handshake(tls_.get()));
}

Transferred Connection::Write(std::string_view bytes) {
  if (tls_ != nullptr) return WriteTls(bytes);
  const ssize_t sent = send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {Step::kDone, static_cast<std::size_t>(sent)};
  if (WouldBlock(errno)) return {Step::kBlocked, 0};
  return {SystemFailure(errno), 0};
}

Transferred Connection::Read(std::span<char> buffer) {
  return tls_ != nullptr ? ReadTls(buffer) : ReadPlain(buffer, 0);
}

bool Connection::IsIdle() {
  char byte = 0;
  // Session tickets of TLS 1.3 are read on the way; they are no data.
  const Transferred read = tls_ != nullptr ? ReadTls({&byte, 1}) : ReadPlain({&byte, 1}, MSG_PEEK);
  return read.step == Step::kBlocked;
}

std::uint64_t Connection::ConfirmedBytes() const {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(fd(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  return info.tcpi_bytes_acked;
}

Transferred Connection::ReadPlain(std::span<char> buffer, int flags) {
  const ssize_t received = recv(fd(), buffer.data(), buffer.size(), flags);
  if (received >= 0) return {Step::kDone, static_cast<std::size_t>(received)};
  if (WouldBlock(errno)) return {Step::kBlocked, 0};
  return {SystemFailure(errno), 0};
}

Transferred Connection::ReadTls(std::span<char> buffer) {
  std::size_t received = 0;
  const int result = SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &received);
  if (result == 1) return {Step::kDone, received};
  if (SSL_get_error(tls_.get(), result) == SSL_ERROR_ZERO_RETURN) return {Step::kDone, 0};
  return {TlsStep(result), 0};
}

Transferred Connection::WriteTls(std::string_view bytes) {
  std::size_t sent = 0;
  const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
  return {TlsStep(result), sent};
}

Step Connection::TlsStep(int result) {
  if (result == 1) return Step::kDone;
  const int system_error = errno;
  const int error = SSL_get_error(tls_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Step::kBlocked;
  if (error == SSL_ERROR_SYSCALL && system_error != 0) {
    ERR_clear_error();
    return SystemFailure(system_error);
  }
  TlsFailure failure = FailureOf(tls_.get());
  failure_ = std::move(failure.detail);
  failed_on_our_certificate_ = failure.is_about_our_certificate;
  return Step::kFailed;
}

Step Connection::SystemFailure(int error_number) {
  failure_ = SystemMessage(error_number);
  return Step::kFailed;
}

}  // namespace webhook::net
