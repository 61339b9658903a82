// SPDX-License-Identifier: LGPL-3.0-or-later
// A callback runner that remembers its calls and answers when it is told to.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/ports/callback_runner.h"

namespace webhook::fakes {

class FakeCallbackRunner final : public delivery::CallbackRunner {
 public:
  struct Call {
    delivery::CallbackCall call;
    delivery::ReadAsFunction read_as;
    std::function<void(delivery::CallbackResult)> done;
  };

  std::vector<std::string> Names() const override { return names; }
  void Run(delivery::CallbackCall call, delivery::ReadAsFunction read_as,
           std::function<void(delivery::CallbackResult)> done) override {
    under_way.push_back({std::move(call), std::move(read_as), std::move(done)});
  }
  void CancelAll() override {
    for (Call& call : std::exchange(under_way, {})) {
      call.done(delivery::CallbackError{delivery::CallbackErrorKind::kStopping, "stopping"});
    }
  }

  // Answers the first call that waits.
  void Answer(delivery::CallbackResult result) {
    Call call = std::move(under_way.front());
    under_way.pop_front();
    call.done(std::move(result));
  }

  std::vector<std::string> names;
  std::deque<Call> under_way;
};

}  // namespace webhook::fakes
