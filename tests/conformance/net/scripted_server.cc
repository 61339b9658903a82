// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/net/scripted_server.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "lib/net/ip_address.h"
#include "lib/net/socket_address.h"
#include "lib/net/thread_signals.h"

namespace webhook::net_tests {
namespace {

// Waiting is cut into pieces of this length, to notice that the server stops.
constexpr int kPieceMs = 20;

std::size_t BodyLength(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

Peer::Peer(net::FileDescriptor socket, SSL* tls, ScriptedServer& server)
    : socket_(std::move(socket)), tls_(tls), server_(server) {
  if (tls_ != nullptr) SSL_set_fd(tls_, fd());
}

Peer::~Peer() {
  if (tls_ != nullptr) {
    if (!broken_ && SSL_is_init_finished(tls_)) SSL_shutdown(tls_);
    SSL_free(tls_);
    ERR_clear_error();
  }
}

bool Peer::Handshake() {
  broken_ = tls_ != nullptr && SSL_accept(tls_) != 1;
  ERR_clear_error();
  if (broken_) LingerAfterFailure();
  return !broken_;
}

// Closing with unread bytes of the client would send a reset, which may overtake the alert.
void Peer::LingerAfterFailure() {
  HalfClose();
  char bytes[4096];
  while (!server_.stopping_) {
    pollfd watched{fd(), POLLIN, 0};
    if (poll(&watched, 1, kPieceMs) == 0) continue;
    if (recv(fd(), bytes, sizeof bytes, 0) <= 0) return;
  }
}

std::string Peer::ClientName() const {
  X509* certificate = tls_ == nullptr ? nullptr : SSL_get0_peer_certificate(tls_);
  if (certificate == nullptr) return "";
  char name[100] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

void Peer::JoinWith(int port) {
  const net::FileDescriptor other(socket(AF_INET, SOCK_STREAM, 0));
  const net::SocketAddress address =
      net::ToSocketAddress(*net::IpAddress::Parse("127.0.0.1"), static_cast<std::uint16_t>(port));
  if (connect(other.get(), address.get(), address.length) != 0) return;
  std::vector<char> bytes(65536);
  const auto carry = [&](int from, int to) {
    const ssize_t received = recv(from, bytes.data(), bytes.size(), 0);
    if (received <= 0) return false;
    for (ssize_t at = 0; at < received;) {
      const ssize_t sent =
          send(to, bytes.data() + at, static_cast<std::size_t>(received - at), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      at += sent;
    }
    return true;
  };
  while (!server_.stopping_) {
    pollfd watched[2] = {{fd(), POLLIN, 0}, {other.get(), POLLIN, 0}};
    poll(watched, 2, kPieceMs);
    if (watched[0].revents != 0 && !carry(fd(), other.get())) return;
    if (watched[1].revents != 0 && !carry(other.get(), fd())) return;
  }
}

std::string Peer::ReadRequest() {
  while (true) {
    const std::size_t head_end = buffered_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const std::size_t size = head_end + 4 + BodyLength(buffered_.substr(0, head_end + 2));
      if (buffered_.size() >= size) {
        std::string request = buffered_.substr(0, size);
        buffered_.erase(0, size);
        return request;
      }
    }
    char bytes[65536];
    const long received = Receive(bytes, sizeof bytes);
    if (received <= 0) return "";
    buffered_.append(bytes, static_cast<std::size_t>(received));
  }
}

void Peer::Record(std::string request) {
  base::MutexLock lock(server_.mutex_);
  server_.requests_.push_back(std::move(request));
}

void Peer::Send(std::string_view bytes) {
  while (!bytes.empty() && !broken_) {
    const long sent = tls_ != nullptr
                          ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                          : send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      broken_ = true;
    } else {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
}

void Peer::Reply(int status, std::string_view body, std::string_view more_headers) {
  std::string reply = "HTTP/1.1 " + std::to_string(status) +
                      " Whatever\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  reply.append(more_headers).append("\r\n").append(body);
  Send(reply);
}

void Peer::Drip(std::string_view bytes, std::chrono::milliseconds pause) {
  for (const char& byte : bytes) {
    Send({&byte, 1});
    if (broken_ || !Pause(pause)) return;
  }
}

void Peer::HalfClose() { shutdown(fd(), SHUT_WR); }

void Peer::Reset() {
  const linger at_once{1, 0};
  setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  broken_ = true;
  socket_ = net::FileDescriptor();
}

void Peer::WaitForEnd() {
  char byte = 0;
  while (Receive(&byte, 1) > 0) {
  }
}

void Peer::WaitForEndWithoutReading() {
  while (Pause(std::chrono::milliseconds(kPieceMs))) {
  }
}

long Peer::Receive(char* buffer, std::size_t size) {
  while (!server_.stopping_ && !broken_) {
    pollfd watched{fd(), POLLIN, 0};
    const bool pending = tls_ != nullptr && SSL_pending(tls_) > 0;
    if (!pending && poll(&watched, 1, kPieceMs) == 0) continue;
    return tls_ != nullptr ? SSL_read(tls_, buffer, static_cast<int>(size))
                           : recv(fd(), buffer, size, 0);
  }
  return -1;
}

// False when the client is gone or the server stops.
bool Peer::Pause(std::chrono::milliseconds time) {
  pollfd watched{fd(), POLLRDHUP, 0};
  const bool gone = poll(&watched, 1, static_cast<int>(time.count())) != 0;
  return !gone && !server_.stopping_;
}

ScriptedServer::ScriptedServer(Script script, SSL_CTX* tls)
    : script_(std::move(script)), tls_(tls), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  net::SocketAddress address = net::ToSocketAddress(*net::IpAddress::Parse("127.0.0.1"), 0);
  if (bind(listener_.get(), address.get(), address.length) != 0 ||
      listen(listener_.get(), 1024) != 0) {
    throw std::runtime_error("the scripted server cannot listen");
  }
  getsockname(listener_.get(), address.get(), &address.length);
  port_ = net::PortOf(address);
  accepting_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::string ScriptedServer::Url(std::string_view path) const {
  return std::string(tls_ != nullptr ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_) +
         std::string(path);
}

std::vector<std::string> ScriptedServer::requests() const {
  base::MutexLock lock(mutex_);
  return requests_;
}

ScriptedServer::Script ScriptedServer::Answering(std::function<void(Peer&)> answer) {
  return [answer = std::move(answer)](Peer& peer) {
    while (true) {
      std::string request = peer.ReadRequest();
      if (request.empty()) return;
      peer.Record(std::move(request));
      answer(peer);
    }
  };
}

void ScriptedServer::Accept() {
  net::BlockSignalsInThisThread();
  while (!stopping_) {
    pollfd watched{listener_.get(), POLLIN, 0};
    if (poll(&watched, 1, kPieceMs) == 0) continue;
    const int socket = accept(listener_.get(), nullptr, nullptr);
    if (socket < 0) continue;
    ++connection_count_;
    threads_.emplace_back([this, socket] { Serve(socket); });
  }
}

void ScriptedServer::Serve(int socket) {
  net::BlockSignalsInThisThread();
  Peer peer(net::FileDescriptor(socket), tls_ == nullptr ? nullptr : SSL_new(tls_), *this);
  if (peer.Handshake()) script_(peer);
}

}  // namespace webhook::net_tests
