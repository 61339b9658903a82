// SPDX-License-Identifier: LGPL-3.0-or-later
// One thread's share of the receiver's connections: accepts them from the common listening socket
// and tells each what happened to it (epoll).
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "app/webhook_demo/receiver/connection.h"
#include "lib/net/file_descriptor.h"

namespace webhook::demo {

class ReceiverLoop {
 public:
  // `listener` is a non-blocking listening socket; it and the site outlive the loop. Throws
  // std::system_error.
  ReceiverLoop(int listener, Site& site);

  void Run();   // until Stop()
  void Stop();  // any thread

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    std::uint32_t interest = 0;  // in epoll
  };

  void Dispatch(std::uint64_t id, std::uint32_t events);
  void Accept();
  void After(std::uint64_t id, Connection::Wait wait);
  void SetInterest(std::uint64_t id, Slot& slot, std::uint32_t interest);
  void FireTimers();
  void CloseExpired();
  int TimeoutMs() const;

  const int listener_;
  Site& site_;
  net::FileDescriptor epoll_;
  net::FileDescriptor stop_;
  std::uint64_t next_id_;
  std::unordered_map<std::uint64_t, Slot> slots_;
  std::set<std::pair<base::SteadyTime, std::uint64_t>> timers_;
  base::SteadyTime next_sweep_{};
};

}  // namespace webhook::demo
