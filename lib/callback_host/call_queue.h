// SPDX-License-Identifier: LGPL-3.0-or-later
// Calls that wait for a process, first come, first served. Any thread.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/callback_host/pending_call.h"

namespace webhook::callback_host {

class CallQueue {
 public:
  void Push(std::shared_ptr<PendingCall> call);

  // Waits for a call; null after Stop. A call is looked for no earlier than `pause` from now.
  std::shared_ptr<PendingCall> Take(base::Milliseconds pause);

  // Whether it was still waiting; it is not any more.
  bool Remove(const std::shared_ptr<PendingCall>& call);

  std::vector<std::shared_ptr<PendingCall>> TakeAll();

  void Stop();

 private:
  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<std::shared_ptr<PendingCall>> calls_ WEBHOOK_GUARDED_BY(mutex_);
  bool stopped_ WEBHOOK_GUARDED_BY(mutex_) = false;
};

}  // namespace webhook::callback_host
