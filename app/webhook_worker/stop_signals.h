// SPDX-License-Identifier: LGPL-3.0-or-later
// SIGTERM and SIGINT as a call: the first one stops gracefully, the second one ends the process at
// once, which is safe at any moment, only less polite.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace webhook::app {

// Blocks the signals in this thread and all threads it starts from here on: call it before the
// first one.
void BlockStopSignals();

class StopWatch {
 public:
  // `stop` runs on another thread at the first signal, once. It is not running any more when the
  // watch is gone.
  explicit StopWatch(std::function<void()> stop);
  ~StopWatch();
  StopWatch(const StopWatch&) = delete;
  StopWatch& operator=(const StopWatch&) = delete;

 private:
  void Wait(const std::function<void()>& stop);

  std::atomic<bool> ending_ = false;
  std::thread waiter_;
};

}  // namespace webhook::app
