// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/engine.h"

namespace webhook::delivery {

namespace {
constexpr base::Milliseconds kStopCheckInterval{50};
}

Engine::Engine(const EngineOptions& options, const EnginePorts& ports)
    : ports_(ports),
      link_(options.link, ports),
      findings_(options.link.worker_uid, options.link.call_timeout, ports.log, ports.odoo, link_),
      resealer_(options.link.worker_uid, options.link.call_timeout, ports, link_),
      callbacks_(options.link.worker_uid, options.link.call_timeout, ports, link_),
      calls_(ports),
      settler_(options.settler, ports, link_),
      sender_(options.request, ports, calls_, settler_, callbacks_),
      dispatcher_(options.dispatcher, ports, link_, settler_, sender_),
      probes_(options.link.worker_uid, options.link.call_timeout, options.request, ports, calls_),
      events_(options.events, ports, link_, settler_, callbacks_, probes_) {}

void Engine::Start(const JournalContents& contents,
                   std::function<void(const std::string&)> on_wake_secret) {
  settler_.Start({.on_settled =
                      [this](const model::Lease& lease) {
                        if (lease.kind == model::JobKind::kEvent) return events_.OnSettled(lease);
                        dispatcher_.OnSettled(lease);
                      },
                  .on_journal_failed = [this] { OnJournalFailed(); }},
                 contents.settlements);
  sender_.Start(
      {.on_finished = [this](const model::Delivery& d,
                             const Finish& finish) { dispatcher_.OnSendFinished(d, finish); },
       .on_unsent = [this](const model::Delivery& d) { dispatcher_.OnUnsent(d); },
       .on_journal_failed = [this] { OnJournalFailed(); },
       .may_send = [this](const model::Delivery& d) { return dispatcher_.MayStillSend(d); }});
  for (const SendIntent& intent : contents.intents) sender_.SettleInterrupted(intent);
  dispatcher_.Start(contents.claim_tokens, contents.meta.empty());
  events_.Start(
      contents.event_claim_tokens, [this] { OnJournalFailed(); },
      [this] {
        if (ports_.inbound != nullptr) ports_.inbound->OnIntakeWaiting();
      });
  if (ports_.inbound != nullptr) ports_.inbound->Start(link_, [this] { events_.OnIngested(); });
  link_.Start({.on_ready = [this] { OnLinkReady(); },
               .on_configuration = [this] { OnConfiguration(); },
               .on_wake_secret = std::move(on_wake_secret),
               .on_sealing_key = [this] { resealer_.Check(); }},
              contents.meta);
}

// The report goes out before anything is claimed under the new rules.
void Engine::OnConfiguration() {
  const HandlerBookPtr book =
      MakeHandlerBook(link_.configuration(), callbacks_.Names(), ports_.secrets, ports_.clock.Now(),
                      &ports_.transport);
  findings_.Report(book, ConfigureInbound());
  calls_.OnConfiguration(*book);
  resealer_.Check();
  dispatcher_.OnConfiguration(book);
  events_.OnConfiguration(book);
}

std::vector<model::Finding> Engine::ConfigureInbound() {
  const std::string answer = link_.TakeConfigurationAnswer();
  if (ports_.inbound == nullptr) return {};
  return ports_.inbound->OnConfiguration(link_.configuration(), answer);
}

void Engine::OnLinkReady() {
  findings_.OnLinkReady();
  resealer_.Check();
  callbacks_.OnLinkReady();
  settler_.OnLinkReady();
  dispatcher_.OnLinkReady();
  events_.OnLinkReady();
  if (ports_.inbound != nullptr) ports_.inbound->OnLinkReady();
}

void Engine::OnJournalFailed() {
  dispatcher_.OnJournalFailed();
  events_.OnJournalFailed();
}

void Engine::Stop(base::Milliseconds grace, std::function<void()> done) {
  on_stopped_ = std::move(done);
  dispatcher_.Stop();
  events_.Stop();
  if (ports_.inbound != nullptr) ports_.inbound->Stop();
  const base::SteadyTime now = ports_.clock.SteadyNow();
  CheckStopped(now + grace, now + 2 * grace);
}

bool Engine::AllDone() const {
  return dispatcher_.in_flight() == 0 && events_.outstanding() == 0 && settler_.backlog() == 0 &&
         !dispatcher_.claiming_or_releasing() && !events_.claiming_or_releasing() &&
         (ports_.inbound == nullptr || !ports_.inbound->busy());
}

void Engine::CheckStopped(base::SteadyTime cancel_at, base::SteadyTime give_up_at) {
  const base::SteadyTime now = ports_.clock.SteadyNow();
  const bool is_busy = dispatcher_.in_flight() > 0 || events_.outstanding() > 0;
  if (is_busy && now >= cancel_at && !canceled_) {
    canceled_ = true;
    ports_.transport.CancelAll();
    callbacks_.Stop();
  }
  if (AllDone() || now >= give_up_at) {
    link_.Stop();
    on_stopped_();
    return;
  }
  settler_.Pump();
  ports_.strand.After(kStopCheckInterval,
                      [this, cancel_at, give_up_at] { CheckStopped(cancel_at, give_up_at); });
}

}  // namespace webhook::delivery
