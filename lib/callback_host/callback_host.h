// SPDX-License-Identifier: LGPL-3.0-or-later
// The production CallbackRunner: callbacks run in a few processes of their own, one call at a time
// each. Start here; the way of a call is
//
//   Run ─▶ CallQueue ─▶ Slot: ChildProcess, ChildLink ─▶ `webhook-worker callback-host` (child.h):
//   LoadedCallbacks ─▶ the shared object's Dispatch ─▶ ResultOf ─▶ done on the strand
//
// What it promises beyond the port:
// - A process is killed at the deadline of its call, with everything in its process group, and when
//   this process or the host ends. The next call gets a new one; after crashes in a row the slot
//   pauses before it serves again.
// - A call that found no process free within its deadline ends with kBusy and says so.
// - Only a complete reply to this very call can be a success. Everything else is an error.
// - The child has no environment, key, configuration or descriptor of this process. It runs as the
//   same user all the same: this is for accidents, not for malice.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/strand.h"
#include "lib/callback_host/host_options.h"
#include "lib/delivery/ports/callback_runner.h"

namespace webhook::callback_host {

class CallbackHost final : public delivery::CallbackRunner {
 public:
  // The clock (a real one), the strand and the log outlive it. Waits until a first process has said
  // which callbacks it has, at most options.start_timeout; without libraries and without callbacks
  // in this program there is none. Throws std::runtime_error when there are no descriptors.
  CallbackHost(HostOptions options, const base::Clock& clock, base::Strand& strand,
               base::EventLog& log);

  // Cancels what is under way; every `done` has been posted when it returns.
  ~CallbackHost() override;

  std::vector<std::string> Names() const override;

  // A sentence for each library or name that is not used, also in the log.
  std::vector<std::string> Problems() const;

  void Run(delivery::CallbackCall call, delivery::ReadAsFunction read_as,
           std::function<void(delivery::CallbackResult)> done) override;
  void CancelAll() override;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace webhook::callback_host
