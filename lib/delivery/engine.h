// SPDX-License-Identifier: LGPL-3.0-or-later
// The engine: the link to Odoo, the dispatchers of deliveries and events, sender and settler on one
// strand. Deterministic: time,
// randomness, network, disk and Odoo are handed in. Every method is called on the strand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/delivery/callback_caller.h"
#include "lib/delivery/dispatcher.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/event_dispatcher.h"
#include "lib/delivery/findings_reporter.h"
#include "lib/delivery/link.h"
#include "lib/delivery/outbound_call.h"
#include "lib/delivery/probe_responder.h"
#include "lib/delivery/request_builder.h"
#include "lib/delivery/resealer.h"
#include "lib/delivery/sender.h"
#include "lib/delivery/settler.h"

namespace webhook::delivery {

struct EngineOptions {
  LinkOptions link;
  DispatcherOptions dispatcher;
  EventOptions events;
  SettlerOptions settler;
  RequestOptions request;
};

class Engine {
 public:
  Engine(const EngineOptions& options, const EnginePorts& ports);

  // Takes up what an earlier life left in the journal, then works until Stop.
  void Start(const JournalContents& contents,
             std::function<void(const std::string& wake_secret)> on_wake_secret);

  // Something was queued in Odoo: look now.
  void Wake() {
    dispatcher_.Wake();
    events_.Wake();
  }

  // Claims nothing more, gives back what is not under way, waits for the rest at most `grace`, then
  // ends it as interrupted. `done` runs when nothing is under way, neither requests nor claims, and
  // the settlements are in Odoo, or when the grace is over twice; what is left is in the journal.
  void Stop(base::Milliseconds grace, std::function<void()> done);

  bool ready() const { return link_.ready(); }
  std::size_t settle_backlog() const { return settler_.backlog(); }
  int in_flight() const { return dispatcher_.in_flight(); }
  std::size_t events_outstanding() const { return events_.outstanding(); }

 private:
  void OnConfiguration();
  std::vector<model::Finding> ConfigureInbound();
  void OnLinkReady();
  void OnJournalFailed();
  bool AllDone() const;
  void CheckStopped(base::SteadyTime cancel_at, base::SteadyTime give_up_at);

  EnginePorts ports_;
  Link link_;
  FindingsReporter findings_;
  Resealer resealer_;
  CallbackCaller callbacks_;
  OutboundCalls calls_;
  Settler settler_;
  Sender sender_;
  Dispatcher dispatcher_;
  ProbeResponder probes_;
  EventDispatcher events_;
  std::function<void()> on_stopped_;
  bool canceled_ = false;
};

}  // namespace webhook::delivery
