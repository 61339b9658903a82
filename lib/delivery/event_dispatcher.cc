// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/event_dispatcher.h"

#include <algorithm>

#include "lib/base/uuid.h"
#include "lib/delivery/decide.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/next_claim.h"
#include "lib/delivery/rule_decision.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;

namespace {

constexpr Milliseconds kWakeSpacing{200};  // most wake-ups are about deliveries

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
                                 Settler& settler, CallbackCaller& callbacks,
                                 ProbeResponder& probes)
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
      probes_(probes),
      releaser_(options_.worker_uid, options_.call_timeout, ports.strand, ports.odoo, link,
                [this](const std::vector<model::Lease>& leases, bool) {
                  // What Odoo did not hear of comes back when its lease expires.
                  for (const model::Lease& lease : leases) Forget(lease);
                }),
      renewer_({options_.worker_uid, model::JobKind::kEvent, options_.lease, options_.call_timeout},
               ports, link, leases_,
               {.may_renew =
                    [this](const model::Lease& lease) {
                      return !settler_.IsInFlight(lease.lease_token, lease.job_id) &&
                             !callbacks_.IsInOdoo(lease);
                    },
                .on_lost = [this](const model::Lease& lease) { Forget(lease); }}) {}

void EventDispatcher::Start(const std::vector<std::string>& claim_tokens,
                            std::function<void()> on_journal_failed,
                            std::function<void()> on_intake_waiting) {
  unanswered_ = claim_tokens;
  on_journal_failed_ = std::move(on_journal_failed);
  on_intake_waiting_ = std::move(on_intake_waiting);
  renewer_.Start();
}

void EventDispatcher::OnLinkReady() {
  renewer_.Renew();
  LookNow();
}

void EventDispatcher::OnConfiguration(HandlerBookPtr book) {
  book_ = std::move(book);
  LookNow();
}

void EventDispatcher::OnSettled(const model::Lease& lease) {
  if (claim_under_way_) gone_meanwhile_.emplace(lease.lease_token, lease.job_id);
  Forget(lease);
  MaybeClaim();
}

void EventDispatcher::Wake() {
  const base::SteadyTime now = clock_.SteadyNow();
  woken_at_ = now;
  if (claimed_at_ && now - *claimed_at_ < kWakeSpacing) {
    return Schedule(kWakeSpacing - (now - *claimed_at_));
  }
  LookNow();
}

void EventDispatcher::OnIngested() {
  claim_due_ = true;
  MaybeClaim();
}

// ---- claiming

bool EventDispatcher::MayClaim() const {
  return !stopping_ && !journal_failed_ && !claim_under_way_ && book_ && link_.ready() &&
         settler_.backlog() <= options_.settle_backlog_max &&
         settler_.backlog_bytes() <= options_.settle_backlog_bytes_max &&
         claimed_bytes_ <= options_.claimed_bytes_max;
}

// One claim at a time. One whose reply was lost is repeated under its token: Odoo answers the same
// rows, or takes some now.
void EventDispatcher::MaybeClaim() {
  if (!MayClaim()) return;
  if (!unanswered_.empty()) return Claim(unanswered_.front(), Quotas());
  if (!claim_due_) return;
  if (!look_due_ && leases_.size() > 0 && Quotas().empty()) {
    NoteFull({});
    claim_due_ = false;
    return Schedule(PollInterval());
  }
  StartClaim();
}

// The token is in the journal before Odoo sees it: whatever is leased under it can be found again.
void EventDispatcher::StartClaim() {
  claim_due_ = false;
  claim_under_way_ = true;
  const std::string token = base::MakeUuid7(clock_.Now(), random_);
  journal_.Append({ClaimStarted{token, model::JobKind::kEvent}}, [this, token](bool committed) {
    claim_under_way_ = false;
    if (!committed) return on_journal_failed_();
    unanswered_.push_back(token);
    MaybeClaim();
  });
}

// Of endpoints of whose window half is free at least: many small claims would cost more than they
// bring. Odoo serves them in this order, as far as the limit goes: the one that was served last
// comes first, then those that were not.
std::vector<model::Quota> EventDispatcher::Quotas() const {
  std::vector<model::Quota> quotas;
  for (const auto& [id, endpoint] : book_->configuration->inbound_endpoints) {
    if (const int room = Room(endpoint); room > 0) quotas.push_back({id, room});
  }
  const auto first =
      std::ranges::lower_bound(quotas, first_to_serve_, {}, &model::Quota::endpoint_id);
  std::rotate(quotas.begin(), first, quotas.end());
  return quotas;
}

// How many events the endpoint may be given; 0 when that would be too few, or it takes none.
int EventDispatcher::Room(const model::InboundEndpoint& endpoint) const {
  const bool open = endpoint.active && endpoint.held_reason.empty() &&
                    book_->configuration->retry_policies.contains(endpoint.retry_policy_id) &&
                    (!endpoint.handler_id || book_->CanRun(*endpoint.handler_id));
  if (!open) return 0;
  const auto busy = outstanding_.find(endpoint.id);
  const int window = WindowOf(endpoint);
  const int free = window - (busy == outstanding_.end() ? 0 : busy->second);
  return free >= (window + 1) / 2 ? free : 0;
}

// Of these Odoo's answer says nothing: more may be due as soon as there is room.
void EventDispatcher::NoteFull(const std::vector<model::Quota>& quotas) {
  full_.clear();
  for (const auto& [id, count] : outstanding_) full_.insert(id);
  for (const model::Quota& quota : quotas) full_.erase(quota.endpoint_id);
}

// Odoo hands out one event of an ordered endpoint at a time.
int EventDispatcher::WindowOf(const model::InboundEndpoint& endpoint) const {
  if (endpoint.ordered) return 1;
  const bool has_callback = endpoint.handler_id && book_->Rules(*endpoint.handler_id) == nullptr;
  return has_callback ? options_.callback_window_max : options_.endpoint_window_max;
}

void EventDispatcher::Claim(const std::string& token, std::vector<model::Quota> quotas) {
  claim_under_way_ = true;
  look_due_ = false;
  gone_meanwhile_.clear();
  NoteFull(quotas);
  const base::SteadyTime now = clock_.SteadyNow();
  claimed_at_ = now;
  model::ClaimRequest request;
  request.worker_uid = options_.worker_uid;
  request.claim_token = token;
  request.work = model::Work::kEvents;
  request.limit = options_.claim_batch_max;
  request.lease = options_.lease;
  request.takeover = link_.ready_for() >= options_.takeover_after;
  request.quotas = std::move(quotas);
  odoo_.Call(ContractMethod::kClaim, model::EncodeClaim(request), options_.call_timeout,
             [this, request, now](RpcReply reply) { OnClaim(request, now, std::move(reply)); });
}

void EventDispatcher::OnClaim(const model::ClaimRequest& request, base::SteadyTime asked_at,
                              RpcReply reply) {
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
  TakeAnswer(request, asked_at, std::move(answer).value());
}

void EventDispatcher::TakeAnswer(const model::ClaimRequest& request, base::SteadyTime asked_at,
                                 model::ClaimAnswer answer) {
  if (!link_.OnEnvelope(answer.envelope)) return;  // asked for again when the hold is over
  std::erase(unanswered_, request.claim_token);
  const bool was_empty = answer.events.empty();
  ServeNext(request.quotas, answer.events);
  std::erase_if(answer.events, [&](const model::Event& event) {
    return !Adopt(event, asked_at + (event.lease_expires_at - answer.envelope.server_time));
  });
  if (answer.events.empty()) journal_.Append({ClaimFinished{request.claim_token}}, [](bool) {});
  for (const model::Event& event : answer.events) Process(event);
  for (const model::Probe& probe : answer.probes) probes_.Answer(probe, book_);
  if (answer.intake_waiting && on_intake_waiting_) on_intake_waiting_();
  if (was_empty) {
    PlanNextClaim(answer);
  } else {
    claim_due_ = true;  // there may be more
  }
  MaybeClaim();
}

// False when its settlement is on its way already, or was answered before this claim's reply came.
bool EventDispatcher::Adopt(const model::Event& event, base::SteadyTime lease_ends_at) {
  const model::Lease lease{event.id, event.lease_token, model::JobKind::kEvent};
  if (leases_.Holds(lease) || settler_.Holds(event.lease_token, event.id)) return false;
  if (gone_meanwhile_.contains({event.lease_token, event.id})) return false;
  leases_.Add(lease, lease_ends_at);
  claimed_[{event.lease_token, event.id}] = {event.endpoint_id, event.body.size()};
  claimed_bytes_ += event.body.size();
  ++outstanding_[event.endpoint_id];
  return true;
}

void EventDispatcher::ServeNext(const std::vector<model::Quota>& quotas,
                                const std::vector<model::Event>& events) {
  std::set<model::RecordId> served;
  for (const model::Event& event : events) served.insert(event.endpoint_id);
  for (const model::Quota& quota : quotas) {
    if (served.contains(quota.endpoint_id)) first_to_serve_ = quota.endpoint_id;
  }
}

void EventDispatcher::PlanNextClaim(const model::ClaimAnswer& answer) {
  Schedule(NextClaimIn(answer, PollInterval(), options_.poll_interval));
}

void EventDispatcher::LookNow() {
  claim_due_ = true;
  look_due_ = true;
  MaybeClaim();
}

void EventDispatcher::Schedule(Milliseconds delay) {
  const std::uint64_t timer = ++claim_timer_;
  strand_.After(delay, [this, timer] {
    if (timer == claim_timer_) LookNow();
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
  const auto found = configuration.retry_policies.find(endpoint->second.retry_policy_id);
  if (found == configuration.retry_policies.end()) return GiveBack(event);
  const model::RetryPolicy& policy = found->second;
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
  const auto claimed = claimed_.find({lease.lease_token, lease.job_id});
  const auto [endpoint_id, body_bytes] = claimed->second;
  claimed_.erase(claimed);
  claimed_bytes_ -= body_bytes;
  if (--outstanding_[endpoint_id] == 0) outstanding_.erase(endpoint_id);
  const auto& endpoints = book_->configuration->inbound_endpoints;
  const auto endpoint = endpoints.find(endpoint_id);
  const bool was_full = full_.contains(endpoint_id);
  if (was_full && endpoint != endpoints.end() && Room(endpoint->second) > 0) claim_due_ = true;
  if (leases_.Remove(lease)) journal_.Append({ClaimFinished{lease.lease_token}}, [](bool) {});
}

}  // namespace webhook::delivery
