// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/net/http_server_rig.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <stdexcept>

#include "lib/net/socket_address.h"
#include "lib/net/thread_signals.h"

namespace webhook::net_tests {
namespace {

constexpr int kPatienceSeconds = 10;

net::FileDescriptor Connect(std::uint16_t port, int receive_bytes) {
  net::FileDescriptor connected(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (receive_bytes > 0) {
    setsockopt(connected.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  }
  const timeval patience{kPatienceSeconds, 0};
  setsockopt(connected.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(connected.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const net::SocketAddress address =
      net::ToSocketAddress(*net::IpAddress::Parse("127.0.0.1"), port);
  if (connect(connected.get(), address.get(), address.length) != 0) {
    throw std::runtime_error("the server does not listen");
  }
  return connected;
}

std::size_t LengthIn(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

std::optional<delivery::ReceiverAnswer> TestReceiver::OnHead(const delivery::ReceivedHead& head) {
  return on_head ? on_head(head) : std::nullopt;
}

void TestReceiver::OnRequest(delivery::ReceivedRequest request, Done done) {
  {
    base::MutexLock lock(mutex_);
    requests_.push_back(request);
    if (holds) {
      held_.push_back({std::move(request), std::move(done)});
      news_.notify_all();
      return;
    }
  }
  done(answer(request));
}

TestReceiver::Held TestReceiver::NextHeld() {
  base::MutexLock lock(mutex_);
  while (held_.empty()) {
    if (news_.wait_for(mutex_, std::chrono::seconds(kPatienceSeconds)) == std::cv_status::timeout) {
      throw std::runtime_error("no request came");
    }
  }
  Held held = std::move(held_.front());
  held_.erase(held_.begin());
  return held;
}

std::vector<delivery::ReceivedRequest> TestReceiver::requests() const {
  base::MutexLock lock(mutex_);
  return requests_;
}

TestClient::TestClient(std::uint16_t port, SSL_CTX* tls, int receive_bytes)
    : socket_(Connect(port, receive_bytes)) {
  net::BlockSignalsInThisThread();
  if (tls == nullptr) return;
  tls_ = SSL_new(tls);
  SSL_set_fd(tls_, fd());
  handshake_done_ = SSL_connect(tls_) == 1;
  ERR_clear_error();
}

TestClient::~TestClient() { SSL_free(tls_); }

bool TestClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = tls_ != nullptr
                          ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                          : send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool TestClient::ReadMore() {
  std::array<char, 65536> buffer;
  const long received = tls_ != nullptr
                            ? SSL_read(tls_, buffer.data(), static_cast<int>(buffer.size()))
                            : recv(fd(), buffer.data(), buffer.size(), 0);
  if (received <= 0) return false;
  read_.append(buffer.data(), static_cast<std::size_t>(received));
  return true;
}

TestAnswer TestClient::ReadAnswer(bool to_head) {
  std::size_t end = 0;
  while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return {};
  }
  TestAnswer answer;
  answer.head = read_.substr(0, end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  read_.erase(0, end + 4);
  const std::size_t length = to_head || answer.status == 100 ? 0 : LengthIn(answer.head);
  while (read_.size() < length) {
    if (!ReadMore()) return {};
  }
  answer.body = read_.substr(0, length);
  read_.erase(0, length);
  return answer;
}

bool TestClient::IsEnded() {
  if (!read_.empty()) return false;
  char byte = 0;
  const long received = tls_ != nullptr ? SSL_read(tls_, &byte, 1) : recv(fd(), &byte, 1, 0);
  return tls_ != nullptr ? received <= 0 : received == 0;
}

std::string TestClient::ReadToEnd() {
  while (ReadMore()) continue;
  return std::exchange(read_, {});
}

void TestClient::HalfClose() { shutdown(fd(), SHUT_WR); }

void TestClient::Reset() {
  const linger at_once{1, 0};
  setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_ = net::FileDescriptor();
}

void ServerRig::Start() {
  server = std::make_unique<net::HttpServer>(options, receiver, clock, log);
  server->Start();
}

TestAnswer ServerRig::Ask(std::string_view request) {
  TestClient client(port());
  client.Send(request);
  return client.ReadAnswer();
}

bool ServerRig::Eventually(const std::function<bool()>& is_so) {
  for (int round = 0; round < kPatienceSeconds * 1000; ++round) {
    if (is_so()) return true;
    poll(nullptr, 0, 1);
  }
  return false;
}

std::string Post(std::string_view body, std::string_view more_headers) {
  return "POST /in/a HTTP/1.1\r\nHost: hooks.example\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(more_headers) + "\r\n" +
         std::string(body);
}

}  // namespace webhook::net_tests
