// SPDX-License-Identifier: LGPL-3.0-or-later
// The worker's end of the socket to one child: everything is waited for at once, until a deadline,
// and a child that does not read cannot block it. One thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/callback_host/child_process.h"
#include "lib/callback_host/frame.h"
#include "lib/callback_host/wake_event.h"

namespace webhook::callback_host {

class ChildLink {
 public:
  enum class News {
    kMessage,  // `message` has been set
    kWoken,    // the wake event was set
    kClosed,   // the child has closed its end: it has died, or soon will
    kRubbish,  // what came is no message; `why` has been set
    kTimeout,  // the deadline has passed
  };

  // All outlive it. `on_output` gets what the child writes to stdout and stderr.
  ChildLink(ChildProcess& child, WakeEvent& wake, const base::Clock& clock,
            std::function<void(std::string_view)> on_output);

  // False when it is longer than a frame may be.
  bool Send(const model::Value& message);

  News Wait(base::SteadyTime deadline, model::Value& message, std::string& why);

  // What the child has written and nobody has read.
  void DrainOutput();

 private:
  bool WaitOnce(base::SteadyTime deadline, bool& woken);
  bool ReadSocket();
  void WriteSocket();

  ChildProcess& child_;
  WakeEvent& wake_;
  const base::Clock& clock_;
  std::function<void(std::string_view)> on_output_;
  FrameBuffer received_;
  std::string unsent_;
  std::size_t sent_ = 0;  // of unsent_
  bool closed_ = false;
  bool output_closed_ = false;
};

}  // namespace webhook::callback_host
