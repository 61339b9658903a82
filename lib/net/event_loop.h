// SPDX-License-Identifier: LGPL-3.0-or-later
// The production Strand: one thread runs everything posted, in order.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/strand.h"

namespace webhook::net {

class EventLoop final : public base::Strand {
 public:
  explicit EventLoop(const base::Clock& clock);

  void Post(std::function<void()> task) override;
  void After(base::Milliseconds delay, std::function<void()> task) override;

  // Runs tasks on the calling thread until Stop: those posted before Stop still run, timers that
  // are not due yet do not. May be called again afterwards, for what was posted meanwhile.
  void Run();

  // Any thread, also from a task.
  void Stop();

 private:
  struct Timer {
    base::SteadyTime due;
    std::uint64_t number;  // equal times keep their order
    std::function<void()> task;
  };
  struct Later {
    bool operator()(const Timer& left, const Timer& right) const {
      return left.due != right.due ? left.due > right.due : left.number > right.number;
    }
  };
  using Timers = std::priority_queue<Timer, std::vector<Timer>, Later>;

  void WaitForTasks(std::vector<std::function<void()>>& tasks);
  void WaitForNews() WEBHOOK_REQUIRES(mutex_);
  void TakeDueTimers(std::vector<std::function<void()>>& tasks) WEBHOOK_REQUIRES(mutex_);

  const base::Clock& clock_;
  base::Mutex mutex_;
  base::Condition news_;
  bool waiting_ WEBHOOK_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> posted_ WEBHOOK_GUARDED_BY(mutex_);
  std::uint64_t last_number_ WEBHOOK_GUARDED_BY(mutex_) = 0;
  Timers timers_ WEBHOOK_GUARDED_BY(mutex_);
  bool stopped_ = false;  // of the thread in Run
};

}  // namespace webhook::net
