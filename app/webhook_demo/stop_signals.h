// SPDX-License-Identifier: LGPL-3.0-or-later
// SIGINT, SIGTERM and SIGHUP as a flag that can be waited for.
#pragma once

#include <signal.h>

#include <functional>
#include <thread>

#include "lib/base/mutex.h"
#include "lib/base/time.h"

namespace webhook::demo {

class StopSignals {
 public:
  // Blocks the signals in this thread and in all threads it starts from here on. The same
  // signal again ends the process at once; the kernel then ends its worker (worker_process.h).
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // True as soon as a signal has come, false when the time is over.
  bool WaitFor(base::Milliseconds time);
  bool stopped();

  // Called once at the first signal, on another thread; at once when it has come already. It must
  // be safe until it is replaced, by {} for example.
  void OnStop(std::function<void()> stop);

 private:
  void Listen();
  void Set();

  sigset_t signals_{};
  base::Mutex mutex_;
  base::Condition changed_;
  bool stopped_ WEBHOOK_GUARDED_BY(mutex_) = false;
  std::function<void()> on_stop_ WEBHOOK_GUARDED_BY(mutex_);
  std::thread listener_;
};

}  // namespace webhook::demo
