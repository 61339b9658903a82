// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/net/event_loop.h"

#include <algorithm>
#include <utility>

namespace webhook::net {

EventLoop::EventLoop(const base::Clock& clock) : clock_(clock) {}

// The loop is woken only when it sleeps: under load a post is a lock and a push.
void EventLoop::Post(std::function<void()> task) {
  bool wake = false;
  {
    base::MutexLock lock(mutex_);
    posted_.push_back(std::move(task));
    wake = std::exchange(waiting_, false);
  }
  if (wake) news_.notify_one();
}

void EventLoop::After(base::Milliseconds delay, std::function<void()> task) {
  const base::SteadyTime due = clock_.SteadyNow() + std::max(delay, base::Milliseconds(0));
  bool wake = false;
  {
    base::MutexLock lock(mutex_);
    timers_.push({due, ++last_number_, std::move(task)});
    wake = std::exchange(waiting_, false);
  }
  if (wake) news_.notify_one();
}

void EventLoop::Run() {
  std::vector<std::function<void()>> tasks;
  stopped_ = false;
  while (!stopped_) {
    WaitForTasks(tasks);
    for (std::function<void()>& task : tasks) {
      task();
      task = nullptr;  // what it holds goes now, not at the end of the batch
    }
    tasks.clear();
  }
}

// A task like any other, so that it takes its turn behind what was posted before.
void EventLoop::Stop() {
  Post([this] { stopped_ = true; });
}

void EventLoop::WaitForTasks(std::vector<std::function<void()>>& tasks) {
  base::MutexLock lock(mutex_);
  while (true) {
    tasks.swap(posted_);
    TakeDueTimers(tasks);
    if (!tasks.empty()) return;
    WaitForNews();
  }
}

void EventLoop::WaitForNews() {
  waiting_ = true;
  if (timers_.empty()) {
    news_.wait(mutex_);
  } else {
    // A clock that stands still (in tests) must not make this spin.
    const base::Milliseconds patience = timers_.top().due - clock_.SteadyNow();
    news_.wait_for(mutex_, std::max(patience, base::Milliseconds(1)));
  }
  waiting_ = false;
}

void EventLoop::TakeDueTimers(std::vector<std::function<void()>>& tasks) {
  if (timers_.empty()) return;
  const base::SteadyTime now = clock_.SteadyNow();
  while (!timers_.empty() && timers_.top().due <= now) {
    // top() is const because changing it could break the order; it leaves at once.
    tasks.push_back(std::move(const_cast<Timer&>(timers_.top()).task));
    timers_.pop();
  }
}

}  // namespace webhook::net
