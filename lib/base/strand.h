// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: the one thread of control that owns all mutable state of the engine. Adapters finish their
// work on threads of their own and post the completion here; in simulation the strand is a queue on
// virtual time.
#pragma once

#include <functional>

#include "lib/base/time.h"

namespace webhook::base {

class Strand {
 public:
  virtual ~Strand() = default;

  // Runs the task on the strand, after those posted before. Any thread. Never runs it inside the
  // call.
  virtual void Post(std::function<void()> task) = 0;

  // Runs the task on the strand no earlier than `delay` from now. There is no cancelling: a task
  // looks whether it is still wanted. Any thread.
  virtual void After(Milliseconds delay, std::function<void()> task) = 0;
};

}  // namespace webhook::base
