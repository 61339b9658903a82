// SPDX-License-Identifier: LGPL-3.0-or-later
// What the youngest process said that it has. Any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/base/mutex.h"

namespace webhook::callback_host {

class KnownCallbacks {
 public:
  struct Known {
    std::vector<std::string> names;     // sorted
    std::vector<std::string> problems;  // a sentence for each library or name that is not used
    bool operator==(const Known&) const = default;
  };

  Known Get() const {
    base::MutexLock lock(mutex_);
    return known_;
  }

  // Whether it is news.
  bool Set(Known known) {
    base::MutexLock lock(mutex_);
    if (known == known_) return false;
    known_ = std::move(known);
    return true;
  }

  // The first process has said what it has, or cannot be started.
  void SetTried() {
    {
      base::MutexLock lock(mutex_);
      tried_ = true;
    }
    changed_.notify_all();
  }
  void WaitUntilTried() {
    base::MutexLock lock(mutex_);
    while (!tried_) changed_.wait(mutex_);
  }

 private:
  mutable base::Mutex mutex_;
  base::Condition changed_;
  Known known_ WEBHOOK_GUARDED_BY(mutex_);
  bool tried_ WEBHOOK_GUARDED_BY(mutex_) = false;
};

}  // namespace webhook::callback_host
