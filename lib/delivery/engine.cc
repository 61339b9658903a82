// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/engine.h"

namespace webhook::delivery {

namespace {
constexpr base::Milliseconds kStopCheckInterval{50};
}

Engine::Engine(const EngineOptions& options, const EnginePorts& ports)
    : ports_(ports),
      link_(options.link, ports.strand, ports.clock, ports.random, ports.log, ports.odoo,
            ports.journal),
      settler_(options.settler, ports.strand, ports.clock, ports.random, ports.log, ports.odoo,
               ports.journal, link_),
      sender_(options.request, ports.clock, ports.random, ports.log, ports.transport, ports.journal,
              settler_),
      dispatcher_(options.dispatcher, ports.strand, ports.clock, ports.random, ports.log,
                  ports.odoo, ports.journal, link_, settler_, sender_) {}

void Engine::Start(const JournalContents& contents,
                   std::function<void(const std::string&)> on_wake_secret) {
  const auto on_journal_failed = [this] { dispatcher_.OnJournalFailed(); };
  settler_.Start({.on_settled =
                      [this](const std::string& lease_token, model::RecordId delivery_id) {
                        dispatcher_.OnSettled(lease_token, delivery_id);
                      },
                  .on_journal_failed = on_journal_failed},
                 contents.settlements);
  sender_.Start(
      {.on_finished = [this](const model::Delivery& d) { dispatcher_.OnSendFinished(d); },
       .on_unsent = [this](const model::Delivery& d) { dispatcher_.OnUnsent(d); },
       .on_journal_failed = on_journal_failed,
       .may_send = [this](const model::Delivery& d) { return dispatcher_.MayStillSend(d); }});
  for (const SendIntent& intent : contents.intents) sender_.SettleInterrupted(intent);
  dispatcher_.Start(contents.claim_tokens);
  link_.Start({.on_ready =
                   [this] {
                     settler_.OnLinkReady();
                     dispatcher_.OnLinkReady();
                   },
               .on_configuration = [this] { dispatcher_.OnConfiguration(); },
               .on_wake_secret = std::move(on_wake_secret)},
              contents.meta);
}

void Engine::Stop(base::Milliseconds grace, std::function<void()> done) {
  on_stopped_ = std::move(done);
  dispatcher_.Stop();
  const base::SteadyTime now = ports_.clock.SteadyNow();
  CheckStopped(now + grace, now + 2 * grace);
}

void Engine::CheckStopped(base::SteadyTime cancel_at, base::SteadyTime give_up_at) {
  const base::SteadyTime now = ports_.clock.SteadyNow();
  if (dispatcher_.in_flight() > 0 && now >= cancel_at && !canceled_) {
    canceled_ = true;
    ports_.transport.CancelAll();
  }
  const bool all_done = dispatcher_.in_flight() == 0 && settler_.backlog() == 0 &&
                        !dispatcher_.claiming_or_releasing();
  if (all_done || now >= give_up_at) {
    link_.Stop();
    on_stopped_();
    return;
  }
  settler_.Pump();
  ports_.strand.After(kStopCheckInterval,
                      [this, cancel_at, give_up_at] { CheckStopped(cancel_at, give_up_at); });
}

}  // namespace webhook::delivery
