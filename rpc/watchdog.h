// SPDX-License-Identifier: LGPL-3.0-or-later
// Shuts a connection down when the deadline of the exchange passes. A read time-out is per read: a
// peer that drips bytes would hold a call for ever. Has a thread of its own.
#pragma once

#include <thread>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/time.h"

namespace webhook::rpc {

class Watchdog {
 public:
  enum class Stop { kNone, kDeadline, kCanceled };

  explicit Watchdog(const base::Clock& clock);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Between Begin and End the watched socket is shut down once the deadline passes. Begin says
  // whether there is anything to do at all, End whether it was stopped.
  Stop Begin(base::SteadyTime deadline);
  Stop End();

  // From now on this socket is the watched one. Its descriptor is duplicated: whoever owns it may
  // close it at any time. Called between Begin and End.
  void Watch(int socket);

  // Lets go of the watched socket: it is closed.
  void Forget();

  // Stops the exchange under way and every later one at once. Any thread.
  void Cancel();

 private:
  void Run();
  void ShutDown() WEBHOOK_REQUIRES(mutex_);
  void CloseDuplicate() WEBHOOK_REQUIRES(mutex_);

  const base::Clock& clock_;
  base::Mutex mutex_;
  base::Condition changed_;
  bool ending_ WEBHOOK_GUARDED_BY(mutex_) = false;
  bool canceled_ WEBHOOK_GUARDED_BY(mutex_) = false;
  bool armed_ WEBHOOK_GUARDED_BY(mutex_) = false;
  Stop stop_ WEBHOOK_GUARDED_BY(mutex_) = Stop::kNone;
  base::SteadyTime deadline_ WEBHOOK_GUARDED_BY(mutex_){};
  int socket_ WEBHOOK_GUARDED_BY(mutex_) = -1;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace webhook::rpc
