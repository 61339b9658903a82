// SPDX-License-Identifier: LGPL-3.0-or-later
// The thread that takes new connections and gives each to the loop with the fewest.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "lib/net/listener.h"
#include "lib/net/poller.h"
#include "lib/net/server_loop.h"

namespace webhook::net {

class Acceptor {
 public:
  // The loops and the log outlive it. At least one loop. Throws std::system_error.
  Acceptor(std::unique_ptr<Listener> listener, std::vector<std::unique_ptr<ServerLoop>>& loops,
           base::EventLog& log);

  // Gives away what has come, then closes the listener.
  ~Acceptor();

 private:
  void Run();
  bool AcceptSome();
  void OnOutOfResources();
  ServerLoop& Emptiest();

  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<ServerLoop>>& loops_;
  base::EventLog& log_;
  Poller poller_;
  std::atomic<bool> stopping_ = false;
  bool is_short_ = false;  // of descriptors or memory
  std::thread thread_;     // last
};

}  // namespace webhook::net
