// SPDX-License-Identifier: LGPL-3.0-or-later
// SIGTERM and SIGINT as a call: the first one stops gracefully, the second one ends the process at once, which is
// safe at any moment, only less polite.
#pragma once

#include <signal.h>

#include <functional>
#include <thread>

namespace webhook::app {

class StopSignals {
 public:
  // Blocks the signals in this thread and all threads it starts from here on.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // `stop` runs on another thread at the first signal. Once.
  void OnStop(std::function<void()> stop);

 private:
  sigset_t signals_{};
  std::thread waiter_;
};

}  // namespace webhook::app
