// SPDX-License-Identifier: LGPL-3.0-or-later
// One call from Run to `done`, between the strand and the thread that carries it out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/mutex.h"
#include "lib/base/strand.h"
#include "lib/base/time.h"
#include "lib/callback_host/wake_event.h"
#include "lib/delivery/ports/callback_runner.h"

namespace webhook::callback_host {

class PendingCall : public std::enable_shared_from_this<PendingCall> {
 public:
  PendingCall(std::uint64_t place, delivery::CallbackCall asked, base::SteadyTime ends_at,
              delivery::ReadAsFunction read_as, std::function<void(delivery::CallbackResult)> done)
      : sequence(place),
        call(std::move(asked)),
        deadline(ends_at),
        read_as_(std::move(read_as)),
        done_(std::move(done)) {}

  const std::uint64_t sequence;  // in the order of Run, from 1
  const delivery::CallbackCall call;
  const base::SteadyTime deadline;

  // Posts `done` the first time, does nothing afterwards. Any thread.
  void Finish(base::Strand& strand, delivery::CallbackResult result) {
    if (finished_.exchange(true)) return;
    strand.Post([self = shared_from_this(), result = std::move(result)]() mutable {
      self->done_(std::move(result));
    });
  }

  // Asks on the strand unless the call has ended meanwhile; the answer sets the event.
  void Ask(base::Strand& strand, std::int64_t number, std::string question,
           std::shared_ptr<WakeEvent> wake) {
    strand.Post([self = shared_from_this(), number, question = std::move(question),
                 wake = std::move(wake)]() mutable {
      if (self->finished_) return;
      self->read_as_(std::move(question), [self, number, wake](std::string reply) {
        self->AddAnswer({number, std::move(reply)});
        wake->Set();
      });
    });
  }

  struct Answer {
    std::int64_t number;
    std::string reply_json;
  };
  std::vector<Answer> TakeAnswers() {
    base::MutexLock lock(mutex_);
    return std::exchange(answers_, {});
  }

 private:
  void AddAnswer(Answer answer) {
    base::MutexLock lock(mutex_);
    answers_.push_back(std::move(answer));
  }

  const delivery::ReadAsFunction read_as_;
  const std::function<void(delivery::CallbackResult)> done_;
  std::atomic<bool> finished_ = false;
  base::Mutex mutex_;
  std::vector<Answer> answers_ WEBHOOK_GUARDED_BY(mutex_);
};

}  // namespace webhook::callback_host
