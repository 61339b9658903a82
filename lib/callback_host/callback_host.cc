// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/callback_host.h"

#include <atomic>
#include <utility>

#include "lib/callback/registry.h"
#include "lib/callback_host/call_queue.h"
#include "lib/callback_host/known_callbacks.h"
#include "lib/callback_host/results.h"
#include "lib/callback_host/slot.h"

namespace webhook::callback_host {
namespace {

bool HasSomethingToRun(const HostOptions& options) {
  const callback::Registry& registry = callback::Registry::OfThisProgram();
  return !options.libraries.empty() || !registry.Names().empty() || !registry.problems().empty();
}

}  // namespace

class CallbackHost::Parts {
 public:
  Parts(HostOptions options, const base::Clock& clock, base::Strand& strand, base::EventLog& log)
      : options_(std::move(options)), clock_(clock), strand_(strand), log_(log) {}

  ~Parts() {
    CancelAll();
    queue_->Stop();
    slots_.clear();
  }

  void Start() {
    if (!HasSomethingToRun(options_)) return;
    const SlotParts parts{options_, clock_, strand_, log_, *queue_, known_, canceled_up_to_};
    for (std::size_t i = 0; i < options_.processes_max; ++i) {
      slots_.push_back(std::make_unique<Slot>(parts, i == 0));
    }
    known_.WaitUntilTried();
  }

  KnownCallbacks::Known Known() const { return known_.Get(); }

  void Run(delivery::CallbackCall asked, delivery::ReadAsFunction read_as,
           std::function<void(delivery::CallbackResult)> done) {
    const base::SteadyTime deadline = clock_.SteadyNow() + asked.deadline;
    Queue(std::make_shared<PendingCall>(++last_number_, std::move(asked), deadline,
                                        std::move(read_as), std::move(done)));
  }

  void CancelAll() {
    for (const auto& call : queue_->TakeAll()) {
      call->Finish(strand_, Stopping(call->call.callback));
    }
    canceled_up_to_ = last_number_;
    for (const auto& slot : slots_) slot->Wake();
  }

 private:
  void Queue(std::shared_ptr<PendingCall> call) {
    if (slots_.empty()) return call->Finish(strand_, Unknown(call->call.callback));
    queue_->Push(call);
    // The strand and the timer may outlive all this, but only by what the timer itself holds.
    strand_.After(call->call.deadline,
                  [queue = queue_, strand = &strand_, waiting = std::weak_ptr(call)] {
                    const auto late = waiting.lock();
                    if (late && queue->Remove(late)) late->Finish(*strand, NeverRun(late->call));
                  });
  }

  const HostOptions options_;
  const base::Clock& clock_;
  base::Strand& strand_;
  base::EventLog& log_;
  const std::shared_ptr<CallQueue> queue_ = std::make_shared<CallQueue>();
  KnownCallbacks known_;
  std::uint64_t last_number_ = 0;  // of the strand
  std::atomic<std::uint64_t> canceled_up_to_ = 0;
  std::vector<std::unique_ptr<Slot>> slots_;
};

CallbackHost::CallbackHost(HostOptions options, const base::Clock& clock, base::Strand& strand,
                           base::EventLog& log)
    : parts_(std::make_unique<Parts>(std::move(options), clock, strand, log)) {
  parts_->Start();
}

CallbackHost::~CallbackHost() = default;

std::vector<std::string> CallbackHost::Names() const { return parts_->Known().names; }

std::vector<std::string> CallbackHost::Problems() const { return parts_->Known().problems; }

void CallbackHost::Run(delivery::CallbackCall call, delivery::ReadAsFunction read_as,
                       std::function<void(delivery::CallbackResult)> done) {
  parts_->Run(std::move(call), std::move(read_as), std::move(done));
}

void CallbackHost::CancelAll() { parts_->CancelAll(); }

}  // namespace webhook::callback_host
