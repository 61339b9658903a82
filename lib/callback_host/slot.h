// SPDX-License-Identifier: LGPL-3.0-or-later
// One thread with one child process, which runs one call at a time: a callback that crashes or has
// to be killed takes no other one with it. The process is started when there is a call, kept
// afterwards, and replaced when it has died.
//
//   Run:  Take ─▶ RunCall: Start, Send, Converse until reply, end, deadline or cancel ─▶ Finish
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "lib/base/clock.h"
#include "lib/base/event_log.h"
#include "lib/base/strand.h"
#include "lib/callback_host/call_queue.h"
#include "lib/callback_host/child_link.h"
#include "lib/callback_host/child_process.h"
#include "lib/callback_host/host_options.h"
#include "lib/callback_host/known_callbacks.h"
#include "lib/callback_host/output_lines.h"

namespace webhook::callback_host {

// What all slots share. All of it outlives them.
struct SlotParts {
  const HostOptions& options;
  const base::Clock& clock;
  base::Strand& strand;
  base::EventLog& log;
  CallQueue& queue;
  KnownCallbacks& known;
  const std::atomic<std::uint64_t>& canceled_up_to;  // calls up to this number
};

class Slot {
 public:
  // `try_at_once`: starts a process before there is a call, and tells `known` when that is over.
  Slot(const SlotParts& parts, bool try_at_once);

  // The queue has been stopped, and the call under way canceled.
  ~Slot();

  // Looks again whether the call under way is canceled. Any thread.
  void Wake() { wake_->Set(); }

 private:
  void Run(bool try_at_once);
  void RunCall(const std::shared_ptr<PendingCall>& call);
  delivery::CallbackResult ResultOfCall(PendingCall& call);
  delivery::CallbackResult Converse(PendingCall& call, const std::string& name);
  void SendAnswers(PendingCall& call);
  void Ask(PendingCall& call, const model::Value& message);
  bool Send(const PendingCall& call);
  bool IsCanceled() const;

  // "" when a process runs that has said what it has; else why not.
  std::string EnsureStarted(base::SteadyTime deadline);
  std::string WaitUntilReady(base::SteadyTime deadline);
  void Learn(const model::Value& ready);
  std::string EndProcess();

  void OnLogMessage(const model::Value& message);
  void OnOutput(std::string_view bytes);
  void WriteOutput(const std::string& line);
  bool MayWrite();

  base::Milliseconds Pause() const;

  const SlotParts parts_;
  const std::shared_ptr<WakeEvent> wake_;

  // Of the thread only.
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<ChildLink> link_;
  OutputLines output_;
  LineQuota quota_;
  std::uint64_t call_number_ = 0;  // of the call that runs; 0: none
  std::string callback_;           // the one that runs or ran last
  std::int64_t last_number_ = 0;
  int crashes_in_a_row_ = 0;

  std::thread thread_;  // last: it uses all the others
};

}  // namespace webhook::callback_host
