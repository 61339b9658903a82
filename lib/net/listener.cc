// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include "lib/net/client_address.h"
#include "lib/net/socket_address.h"

namespace webhook::net {
namespace {

constexpr int kBacklog = 1024;

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return port;
}

[[noreturn]] void Fail(const std::string& listen) {
  throw std::system_error(errno, std::generic_category(), "cannot listen on " + listen);
}

void SetOption(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

FileDescriptor Open(const SocketAddress& address, const std::string& listen) {
  FileDescriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) Fail(listen);
  // Connections of the process before us may still be ending on the port.
  SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.family() == AF_INET6) SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(socket.get(), address.get(), address.length) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    Fail(listen);
  }
  return socket;
}

// Whose connection broke before we took it is not worth a word (accept(2), "Error handling").
bool IsOutOfResources(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

}  // namespace

std::optional<ListenAddress> ListenAddress::Parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  const std::optional<std::uint16_t> port = ParsePort(text.substr(colon + 1));
  if (!address.has_value() || !port.has_value() || address->is_v4() == bracketed) {
    return std::nullopt;
  }
  return ListenAddress{*address, *port};
}

Listener::Listener(const std::string& listen) {
  const std::optional<ListenAddress> wanted = ListenAddress::Parse(listen);
  if (!wanted.has_value()) {
    throw std::runtime_error("cannot listen on " + listen + ": not a numeric address with a port");
  }
  socket_ = Open(ToSocketAddress(wanted->address, wanted->port), listen);
  SocketAddress bound;
  if (getsockname(fd(), bound.get(), &bound.length) != 0) Fail(listen);
  port_ = PortOf(bound);
  address_ = wanted->address.WithPort(port_);
}

Listener::State Listener::Accept(std::optional<AcceptedSocket>& accepted) {
  while (true) {
    SocketAddress peer;
    FileDescriptor socket(accept4(fd(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) {
      if (errno == EAGAIN) return State::kNoneWaiting;
      if (IsOutOfResources(errno)) return State::kOutOfResources;
      // The listener itself is sound, so any other error is about the connection that came.
      if (errno == EBADF || errno == EINVAL) return State::kNoneWaiting;
      continue;
    }
    const std::optional<IpAddress> address = AddressOf(peer.get());
    if (!address.has_value()) continue;
    SetOption(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    accepted = AcceptedSocket{std::move(socket), WithoutMapping(*address)};
    return State::kAccepted;
  }
}

}  // namespace webhook::net
