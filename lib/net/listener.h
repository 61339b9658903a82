// SPDX-License-Identifier: LGPL-3.0-or-later
// The socket that new connections come from. One thread accepts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/file_descriptor.h"
#include "lib/net/ip_address.h"

namespace webhook::net {

struct ListenAddress {
  IpAddress address;
  std::uint16_t port;

  // "127.0.0.1:8080", "[::]:8080"; no names.
  static std::optional<ListenAddress> Parse(std::string_view text);
};

struct AcceptedSocket {
  FileDescriptor socket;  // non-blocking, without delay
  IpAddress peer;
};

class Listener {
 public:
  // Throws std::system_error, or std::runtime_error when `listen` is no ListenAddress. "[::]" takes
  // IPv4 too.
  explicit Listener(const std::string& listen);

  int fd() const { return socket_.get(); }
  const std::string& address() const { return address_; }  // with the real port
  std::uint16_t port() const { return port_; }

  enum class State { kAccepted, kNoneWaiting, kOutOfResources };

  // Does not wait. kOutOfResources: no descriptor or memory is left, worth another try later.
  State Accept(std::optional<AcceptedSocket>& accepted);

 private:
  FileDescriptor socket_;
  std::uint16_t port_ = 0;
  std::string address_;
};

}  // namespace webhook::net
