// SPDX-License-Identifier: LGPL-3.0-or-later
// A server that reads one HTTP request a connection and then does as scripted: for answers that no
// decent server gives. Serves until it is destroyed, on 127.0.0.1.
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace webhook::rpc {

struct RawScript {
  std::string answer = {};    // sent at once
  std::string drip = {};      // then this, over and over, a byte every 10 ms, until the peer goes
  bool hold = false;          // then the connection stays open until the peer or the server goes
  bool read_nothing = false;  // do not even read the request
};

class RawServer {
 public:
  explicit RawServer(RawScript script);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void Run();
  void Serve(int connection);
  // False when it is time to go. Waits for the peer's bytes or its end, at most that long.
  bool Wait(int connection, int milliseconds, bool& readable) const;

  const RawScript script_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};  // a pipe: closed at the writing end when it is over
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// A port on 127.0.0.1 where nobody listened a moment ago.
int UnusedPort();

}  // namespace webhook::rpc
