// SPDX-License-Identifier: LGPL-3.0-or-later
// One attempt, hop by hop: apply the endpoint's rules, ask the handler, build, note the intent,
// send, classify, ask the handler about the reply, decide, settle. Lives on the strand.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "lib/delivery/callback_caller.h"
#include "lib/delivery/decision.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/finish.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/outbound_call.h"
#include "lib/delivery/request_builder.h"
#include "lib/delivery/send_job.h"
#include "lib/delivery/settler.h"
#include "lib/model/delivery.h"

namespace webhook::delivery {

class Sender {
 public:
  // Told on the strand, once per delivery given to Send.
  struct Listener {
    std::function<void(const model::Delivery&, const Finish&)> on_finished;  // settled
    std::function<void(const model::Delivery&)> on_unsent;  // surely not sent: may be given back
    std::function<void()> on_journal_failed;
    std::function<bool(const model::Delivery&)> may_send;  // asked just before bytes may leave
  };

  Sender(RequestOptions options, const EnginePorts& ports, OutboundCalls& calls, Settler& settler,
         CallbackCaller& callbacks);

  void Start(Listener listener) { listener_ = std::move(listener); }

  // One journal entry for all that need no callback, then each is sent. The endpoints are in the
  // book's configuration.
  void Send(std::vector<model::Delivery> deliveries, const HandlerBookPtr& book);

  // An attempt of an earlier life of this worker that was perhaps sent and never settled.
  void SettleInterrupted(const SendIntent& intent);

 private:
  using Job = SendJob;
  using JobPtr = std::shared_ptr<Job>;

  JobPtr Begin(model::Delivery delivery, const HandlerBookPtr& book);
  bool Prepare(const JobPtr& job);
  bool FindHandler(Job& job);
  bool Shape(Job& job);
  bool AskBeforeSend(const JobPtr& job);
  bool Accept(Job& job, SendDecision decision);
  bool Build(Job& job);
  void SettleInstead(Job& job, const model::Outcome& outcome);
  void StartAll(std::vector<JobPtr> jobs);
  void OnIntentsNoted(const std::vector<JobPtr>& jobs, bool committed);
  void OnResult(const JobPtr& job, const OutboundResult& outbound);
  Decision DecideOn(const Job& job, const OutboundResult& outbound,
                    model::Outcome classified) const;
  void GiveBack(const Job& job);
  void Settle(Job& job, Decision decision, bool attempted);

  const RequestOptions options_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  Journal& journal_;
  OutboundCalls& calls_;
  Settler& settler_;
  CallbackCaller& callbacks_;
  Listener listener_;
};

}  // namespace webhook::delivery
