// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/event_dispatcher.h"

#include <algorithm>

#include "lib/base/uuid.h"
#include "lib/delivery/decide.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/probe_answer.h"
#include "lib/delivery/rule_decision.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;

namespace {

constexpr Milliseconds kFieldsWait{5000};
constexpr Milliseconds kHandlerWait{60000};

// Deferred is for what waits (contract): one whose time is over is a dead letter.
std::string OutcomeText(const model::Outcome& outcome, const model::Transition& transition) {
  if (transition.state == model::DeliveryState::kDone) return "done";
  if (std::holds_alternative<model::Deferred>(outcome) &&
      transition.state == model::DeliveryState::kDeadLetter) {
    return "dead_letter";
  }
  return std::string(model::Spelling(outcome));
}

std::optional<std::string_view> TextOrNothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

EventDispatcher::EventDispatcher(EventOptions options, const EnginePorts& ports, Link& link,
                                 Settler& settler, CallbackCaller& callbacks)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      odoo_(ports.odoo),
      journal_(ports.journal),
      link_(link),
      settler_(settler),
      callbacks_(callbacks),
      releaser_(options_.worker_uid, options_.call_timeout, ports.strand, ports.odoo, link,
                [this](const std::vector<model::Lease>& leases, bool) {
                  // What Odoo did not hear of comes back when its lease expires.
                  for (const model::Lease& lease : leases) Forget(lease);
                }) {}

void EventDispatcher::OnLinkReady() {
  claim_due_ = true;
  MaybeClaim();
}

void EventDispatcher::OnConfiguration(HandlerBookPtr book) {
  book_ = std::move(book);
  claim_due_ = true;
  MaybeClaim();
}

void EventDispatcher::OnSettled(const model::Lease& lease) {
  Forget(lease);
  MaybeClaim();
}

void EventDispatcher::Wake() {
  woken_at_ = clock_.SteadyNow();
  claim_due_ = true;
  MaybeClaim();
}

// ---- claiming

bool EventDispatcher::MayClaim() const {
  return !stopping_ && !journal_failed_ && !claim_under_way_ && book_ && link_.ready() &&
         settler_.backlog() <= options_.settle_backlog_max;
}

// One claim at a time. One whose reply was lost is repeated under its token: Odoo answers the same
// rows, or takes some now.
void EventDispatcher::MaybeClaim() {
  if (!MayClaim()) return;
  if (!unanswered_.empty()) return Claim(unanswered_.front(), Quotas());
  // Room comes with the next settlements; probes wait no longer than that.
  if (!claim_due_ || (Quotas().empty() && leases_.size() > 0)) return;
  claim_due_ = false;
  const std::string token = base::MakeUuid7(clock_.Now(), random_);
  claim_under_way_ = true;
  journal_.Append({ClaimStarted{token, model::JobKind::kEvent}}, [this, token](bool committed) {
    claim_under_way_ = false;
    if (!committed) {
      journal_failed_ = true;
      return;
    }
    unanswered_.push_back(token);
    MaybeClaim();
  });
}

// Of endpoints of whose window half is free at least: many small claims would cost more than they
// bring.
std::vector<model::Quota> EventDispatcher::Quotas() const {
  std::vector<model::Quota> quotas;
  for (const auto& [id, endpoint] : book_->configuration->inbound_endpoints) {
    const bool open = endpoint.active && endpoint.held_reason.empty() &&
                      book_->configuration->retry_policies.contains(endpoint.retry_policy_id) &&
                      (!endpoint.handler_id || book_->CanRun(*endpoint.handler_id));
    const auto busy = outstanding_.find(id);
    const int free = WindowOf(endpoint) - (busy == outstanding_.end() ? 0 : busy->second);
    if (open && free >= (WindowOf(endpoint) + 1) / 2) quotas.push_back({id, free});
  }
  return quotas;
}

int EventDispatcher::WindowOf(const model::InboundEndpoint& endpoint) const {
  const bool has_callback = endpoint.handler_id && book_->Rules(*endpoint.handler_id) == nullptr;
  return has_callback ? options_.callback_window_max : options_.endpoint_window_max;
}

void EventDispatcher::Claim(const std::string& token, std::vector<model::Quota> quotas) {
  claim_under_way_ = true;
  model::ClaimRequest request;
  request.worker_uid = options_.worker_uid;
  request.claim_token = token;
  request.work = model::Work::kEvents;
  request.limit = options_.claim_batch_max;
  request.lease = options_.lease;
  request.takeover = link_.ready_for() >= options_.takeover_after;
  request.quotas = std::move(quotas);
  odoo_.Call(ContractMethod::kClaim, model::EncodeClaim(request), options_.call_timeout,
             [this, request](RpcReply reply) { OnClaim(request, std::move(reply)); });
}

void EventDispatcher::OnClaim(const model::ClaimRequest& request, RpcReply reply) {
  claim_under_way_ = false;
  if (!reply.ok()) return link_.OnFault("claim", reply.error());
  auto answer = model::DecodeClaim(reply.value());
  if (!answer.ok()) {
    // Asked for again it would read no better; its rows come back when their leases expire.
    log_.Write(Level::kError, "claim.unreadable",
               {{"claim", request.claim_token}, {"detail", answer.error().message}});
    std::erase(unanswered_, request.claim_token);
    journal_.Append({ClaimFinished{request.claim_token}}, [](bool) {});
    return link_.OnFault("claim", {RpcFaultKind::kNotOdoo, answer.error().message});
  }
  TakeAnswer(request, std::move(answer).value());
}

void EventDispatcher::TakeAnswer(const model::ClaimRequest& request, model::ClaimAnswer answer) {
  if (!link_.OnEnvelope(answer.envelope)) return;  // asked for again when the hold is over
  std::erase(unanswered_, request.claim_token);
  const base::SteadyTime deadline = clock_.SteadyNow() + options_.lease;
  std::vector<model::Event> events;
  for (model::Event& event : answer.events) {
    const model::Lease lease{event.id, event.lease_token, model::JobKind::kEvent};
    if (leases_.Holds(lease) || settler_.Holds(event.lease_token, event.id)) continue;
    leases_.Add(lease, deadline);
    endpoints_[{event.lease_token, event.id}] = event.endpoint_id;
    ++outstanding_[event.endpoint_id];
    events.push_back(std::move(event));
  }
  if (answer.events.empty()) journal_.Append({ClaimFinished{request.claim_token}}, [](bool) {});
  for (const model::Event& event : events) Process(event);
  for (const model::Probe& probe : answer.probes) Answer(probe);
  if (!answer.events.empty()) {
    claim_due_ = true;  // there may be more
    return MaybeClaim();
  }
  Milliseconds delay = PollInterval();
  if (answer.next_due_at) {
    delay = std::clamp(Milliseconds(*answer.next_due_at - answer.envelope.server_time),
                       Milliseconds(10), delay);
  }
  Schedule(delay);
  MaybeClaim();
}

void EventDispatcher::Schedule(Milliseconds delay) {
  const std::uint64_t timer = ++claim_timer_;
  strand_.After(delay, [this, timer] {
    if (timer != claim_timer_) return;
    claim_due_ = true;
    MaybeClaim();
  });
}

Milliseconds EventDispatcher::PollInterval() const {
  const bool woken = woken_at_ && clock_.SteadyNow() - *woken_at_ < options_.woken_for;
  return woken ? options_.poll_interval_woken : options_.poll_interval;
}

// ---- processing

void EventDispatcher::Process(const model::Event& event) {
  const model::Configuration& configuration = *book_->configuration;
  const auto endpoint = configuration.inbound_endpoints.find(event.endpoint_id);
  if (stopping_ || endpoint == configuration.inbound_endpoints.end()) return GiveBack(event);
  const model::RetryPolicy& policy =
      configuration.retry_policies.at(endpoint->second.retry_policy_id);
  if (!event.handler_id) {
    return Settle(event, policy, {model::Delivered{}, "stored only: no handler", {}, std::nullopt});
  }
  const model::Handler* handler = book_->Find(*event.handler_id);
  if (handler == nullptr || !book_->CanRun(*event.handler_id)) {
    const std::string why = handler == nullptr
                                ? "its handler is archived or deleted"
                                : "this worker has no callback " + handler->native_callback;
    return Settle(event, policy, {model::Deferred{kHandlerWait, why}, "", {}, std::nullopt});
  }
  if (const rules::CompiledHandler* rules = book_->Rules(*event.handler_id)) {
    return ProcessByRules(event, policy, *rules);
  }
  ProcessByCallback(event, policy, *handler);
}

void EventDispatcher::ProcessByRules(const model::Event& event, const model::RetryPolicy& policy,
                                     const rules::CompiledHandler& rules) {
  const FactValues facts = FactsOf(event);
  if (!HasFields(facts, rules.needs)) {
    const char* why = "Odoo has not resolved the rules' fields yet";
    return Settle(event, policy, {model::Deferred{kFieldsWait, why}, "", {}, std::nullopt});
  }
  Settle(event, policy, DecideEvent(rules, facts));
}

// The book is kept: the policy and the handler are inside it.
void EventDispatcher::ProcessByCallback(const model::Event& event, const model::RetryPolicy& policy,
                                        const model::Handler& handler) {
  const std::string& path = book_->configuration->inbound_endpoints.at(event.endpoint_id).path;
  callbacks_.RunEvent(
      event, path, handler, policy,
      [this, event, book = book_, &policy](EventCallbackResult result) {
        std::visit(base::Overloaded{
                       [&](Decision& decision) { Settle(event, policy, std::move(decision)); },
                       [&](const SettledInOdoo&) {
                         OnSettled({event.id, event.lease_token, model::JobKind::kEvent});
                       },
                       [&](const NotRun&) { GiveBack(event); },
                   },
                   result);
      });
}

void EventDispatcher::Settle(const model::Event& event, const model::RetryPolicy& policy,
                             Decision decision) {
  const JobHistory history{event.attempt_count, event.received_at};
  const base::WallTime now = clock_.Now();
  model::Settlement settlement;
  settlement.settlement_uid = base::MakeUuid7(now, random_);
  settlement.kind = model::JobKind::kEvent;
  settlement.job_id = event.id;
  settlement.lease_token = event.lease_token;
  settlement.transition = Decide(policy, history, decision.outcome, now, random_.NextFraction());
  if (settlement.transition.note.empty()) settlement.transition.note = decision.note;
  settlement.outcome = OutcomeText(decision.outcome, settlement.transition);
  settlement.execution = std::move(decision.execution);
  settlement.operations = std::move(decision.operations);
  if (!settlement.operations.empty()) {
    const model::Retry refused{model::FailureReason::kRecordOperation, ""};
    settlement.otherwise = Decide(policy, history, refused, now, random_.NextFraction());
  }
  log_.Write(Level::kInfo, "event.processed",
             {{"event", event.event_uid},
              {"event_id", event.id},
              {"attempt", event.attempt_count + 1},
              {"outcome", settlement.outcome},
              {"operations", settlement.operations.size()},
              {"message", TextOrNothing(settlement.transition.failure_message)}});
  settler_.Submit(settlement);
}

void EventDispatcher::GiveBack(const model::Event& event) {
  releaser_.Release({event.id, event.lease_token, model::JobKind::kEvent});
}

void EventDispatcher::Forget(const model::Lease& lease) {
  if (!leases_.Holds(lease)) return;
  const auto endpoint = endpoints_.find({lease.lease_token, lease.job_id});
  if (--outstanding_[endpoint->second] == 0) outstanding_.erase(endpoint->second);
  endpoints_.erase(endpoint);
  if (leases_.Remove(lease)) journal_.Append({ClaimFinished{lease.lease_token}}, [](bool) {});
}

// Nobody is harmed by an answer that gets lost: the button asks again.
void EventDispatcher::Answer(const model::Probe& probe) {
  const model::ProbeAnswer answer = AnswerProbe(probe);
  odoo_.Call(ContractMethod::kAnswerProbe,
             model::EncodeAnswerProbe(options_.worker_uid, probe.probe_uid, answer),
             options_.call_timeout, [this, uid = probe.probe_uid](const RpcReply& reply) {
               log_.Write(Level::kDebug, "probe.answered", {{"probe", uid}, {"ok", reply.ok()}});
             });
}

}  // namespace webhook::delivery
