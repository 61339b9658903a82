// SPDX-License-Identifier: LGPL-3.0-or-later
// Addresses in the form of the socket interface.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "lib/net/ip_address.h"

namespace webhook::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

SocketAddress ToSocketAddress(const IpAddress& address, std::uint16_t port);

// Nothing for another family.
std::optional<IpAddress> AddressOf(const sockaddr* address);
std::uint16_t PortOf(const SocketAddress& address);

}  // namespace webhook::net
