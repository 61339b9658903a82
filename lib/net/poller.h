// SPDX-License-Identifier: LGPL-3.0-or-later
// Waits for many connections at once (epoll, edge-triggered: each change is told once, so whoever
// is told tries until the step blocks). One thread waits; any thread wakes it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/base/time.h"
#include "lib/net/file_descriptor.h"

namespace webhook::net {

class Poller {
 public:
  // Throws std::system_error when the system has no descriptor left.
  Poller();

  // Watches it, in both directions, until it is closed. `id` is not zero. False when the system
  // refuses.
  bool Add(int fd, std::uint64_t id);

  // The ids of what changed, valid until the next call. Nothing as `patience`: waits without end.
  const std::vector<std::uint64_t>& Wait(std::optional<base::Milliseconds> patience);

  // Ends the present or the next Wait. Any thread.
  void Wake();

 private:
  FileDescriptor epoll_;
  FileDescriptor wake_;
  std::vector<std::uint64_t> changed_;
};

}  // namespace webhook::net
