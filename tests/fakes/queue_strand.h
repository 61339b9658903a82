// SPDX-License-Identifier: LGPL-3.0-or-later
// A strand that runs its tasks when it is pumped, on virtual time: by due time, then in the order
// they were handed in. Post and After are for any thread, so that adapters with threads of their
// own work on it; everything else is for the one thread that pumps.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "lib/base/assert.h"
#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "tests/fakes/fake_clock.h"

namespace webhook::fakes {

class QueueStrand final : public base::Strand {
 public:
  // The clock must outlive the strand, which moves it.
  explicit QueueStrand(FakeClock& clock) : clock_(clock) {}

  void Post(std::function<void()> task) override { After(base::Milliseconds(0), std::move(task)); }

  void After(base::Milliseconds delay, std::function<void()> task) override {
    {
      base::MutexLock lock(mutex_);
      tasks_.emplace(Key{clock_.SteadyNow() + delay, ++sequence_}, std::move(task));
    }
    posted_.notify_one();
  }

  // Runs one task that is due; false when there is none.
  bool RunOne() {
    std::function<void()> task = TakeDue();
    if (task) task();
    return static_cast<bool>(task);
  }

  // Runs what is due now, also what the tasks add, without moving time. Returns how many ran.
  std::size_t RunReady() {
    std::size_t ran = 0;
    while (RunOne()) ++ran;
    return ran;
  }

  // Runs everything due up to `time`, each task at its own time, and ends there.
  void AdvanceTo(base::SteadyTime time) {
    RunReady();
    for (auto due = NextDue(); due && *due <= time; due = NextDue()) {
      MoveTo(*due);
      RunReady();
    }
    MoveTo(time);
  }

  // Moves time from task to task until none is left. For histories that end: a task that always
  // posts another is an assertion after `tasks_max` tasks.
  void RunUntilIdle(std::size_t tasks_max = 10'000'000) {
    std::size_t ran = RunReady();
    for (auto due = NextDue(); due; due = NextDue()) {
      MoveTo(*due);
      ran += RunReady();
      WEBHOOK_ASSERT(ran <= tasks_max);
    }
  }

  // For adapters with threads: runs what is due, as it arrives, until `wanted()`. False when that
  // takes longer than `patience` of real time. Virtual time stands still.
  bool RunUntil(const std::function<bool()>& wanted,
                std::chrono::seconds patience = std::chrono::seconds(60)) {
    while (!wanted()) {
      if (!RunOne() && !WaitForPost(patience)) return wanted();
    }
    return true;
  }

  // When the next task is due; in the past for one that waits already.
  std::optional<base::SteadyTime> NextDue() {
    base::MutexLock lock(mutex_);
    if (tasks_.empty()) return std::nullopt;
    return tasks_.begin()->first.first;
  }

 private:
  using Key = std::pair<base::SteadyTime, std::uint64_t>;

  std::function<void()> TakeDue() {
    base::MutexLock lock(mutex_);
    if (!HasDue()) return nullptr;
    std::function<void()> task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    return task;
  }

  bool WaitForPost(std::chrono::seconds patience) {
    base::MutexLock lock(mutex_);
    while (!HasDue()) {
      if (posted_.wait_for(mutex_, patience) == std::cv_status::timeout) return HasDue();
    }
    return true;
  }

  bool HasDue() WEBHOOK_REQUIRES(mutex_) {
    return !tasks_.empty() && tasks_.begin()->first.first <= clock_.SteadyNow();
  }

  // A task may have moved the clock itself.
  void MoveTo(base::SteadyTime time) {
    if (time > clock_.SteadyNow()) clock_.AdvanceTo(time);
  }

  FakeClock& clock_;
  base::Mutex mutex_;
  base::Condition posted_;
  std::map<Key, std::function<void()>> tasks_ WEBHOOK_GUARDED_BY(mutex_);
  std::uint64_t sequence_ WEBHOOK_GUARDED_BY(mutex_) = 0;
};

}  // namespace webhook::fakes
