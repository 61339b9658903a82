// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/rpc/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace webhook::rpc {
namespace {

int BindToAnyPort(int& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, generic, size) != 0 ||
      getsockname(listener, generic, &size) != 0) {
    throw std::runtime_error("no port on 127.0.0.1");
  }
  port = ntohs(address.sin_port);
  return listener;
}

// Headers, and as much as Content-Length says.
bool IsWhole(const std::string& request) {
  const auto headers_end = request.find("\r\n\r\n");
  if (headers_end == std::string::npos) return false;
  const auto length = request.find("Content-Length: ");
  if (length == std::string::npos || length > headers_end) return true;
  return request.size() >= headers_end + 4 + std::stoul(request.substr(length + 16));
}

}  // namespace

RawServer::RawServer(RawScript script) : script_(std::move(script)) {
  listener_ = BindToAnyPort(port_);
  if (listen(listener_, 16) != 0 || pipe(stop_) != 0) throw std::runtime_error("no server");
  thread_ = std::thread([this] { Run(); });
}

RawServer::~RawServer() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
}

void RawServer::Run() {
  for (bool readable = false; Wait(listener_, -1, readable);) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    ++connections_;
    Serve(connection);
    close(connection);
  }
}

void RawServer::Serve(int connection) {
  std::string request;
  char buffer[65536];
  bool readable = false;
  while (!script_.read_nothing && !IsWhole(request)) {
    if (!Wait(connection, -1, readable)) return;
    const ssize_t got = recv(connection, buffer, sizeof(buffer), 0);
    if (got <= 0) return;
    request.append(buffer, static_cast<std::size_t>(got));
  }
  std::string_view left = script_.answer;
  while (!left.empty()) {
    const ssize_t sent = send(connection, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  for (std::size_t at = 0; !script_.drip.empty(); at = (at + 1) % script_.drip.size()) {
    if (send(connection, &script_.drip[at], 1, MSG_NOSIGNAL) != 1) return;
    if (!Wait(connection, 10, readable) || readable) return;
  }
  // Readable is the peer's end: it sends nothing more.
  while (script_.hold && Wait(connection, -1, readable)) {
    if (recv(connection, buffer, sizeof(buffer), 0) <= 0) return;
  }
}

bool RawServer::Wait(int connection, int milliseconds, bool& readable) const {
  pollfd waited[] = {{stop_[0], POLLIN, 0}, {connection, POLLIN, 0}};
  poll(waited, 2, milliseconds);
  readable = waited[1].revents != 0;
  return waited[0].revents == 0;
}

int UnusedPort() {
  int port = 0;
  close(BindToAnyPort(port));
  return port;
}

}  // namespace webhook::rpc
