// SPDX-License-Identifier: LGPL-3.0-or-later
// A mutex whose locking the compiler checks (clang -Wthread-safety). Used by adapters only: the
// engine has one thread and no lock.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define WEBHOOK_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define WEBHOOK_THREAD_ANNOTATION(x)
#endif

#define WEBHOOK_GUARDED_BY(x) WEBHOOK_THREAD_ANNOTATION(guarded_by(x))
#define WEBHOOK_REQUIRES(x) WEBHOOK_THREAD_ANNOTATION(requires_capability(x))

namespace webhook::base {

class WEBHOOK_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() WEBHOOK_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() WEBHOOK_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class WEBHOOK_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) WEBHOOK_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() WEBHOOK_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Wait on it as `condition.wait(mutex)` while the mutex is held.
using Condition = std::condition_variable_any;

}  // namespace webhook::base
