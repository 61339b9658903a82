// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/call_queue.h"

namespace webhook::callback_host {

void CallQueue::Push(std::shared_ptr<PendingCall> call) {
  {
    base::MutexLock lock(mutex_);
    calls_.push_back(std::move(call));
  }
  // All: one that pauses may be woken, and must not keep the news from one that does not.
  changed_.notify_all();
}

std::shared_ptr<PendingCall> CallQueue::Take(base::Milliseconds pause) {
  base::MutexLock lock(mutex_);
  if (pause.count() > 0) {
    changed_.wait_for(mutex_, pause, [this]() WEBHOOK_REQUIRES(mutex_) { return stopped_; });
  }
  while (calls_.empty() && !stopped_) changed_.wait(mutex_);
  if (stopped_) return nullptr;
  std::shared_ptr<PendingCall> call = std::move(calls_.front());
  calls_.pop_front();
  return call;
}

bool CallQueue::Remove(const std::shared_ptr<PendingCall>& call) {
  base::MutexLock lock(mutex_);
  return std::erase(calls_, call) > 0;
}

std::vector<std::shared_ptr<PendingCall>> CallQueue::TakeAll() {
  base::MutexLock lock(mutex_);
  std::vector<std::shared_ptr<PendingCall>> all(calls_.begin(), calls_.end());
  calls_.clear();
  return all;
}

void CallQueue::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace webhook::callback_host
