// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/sender.h"

#include <utility>

#include "lib/base/uuid.h"
#include "lib/delivery/attempt_log.h"
#include "lib/delivery/classify.h"
#include "lib/delivery/decide.h"
#include "lib/delivery/delivery_content.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/rule_decision.h"
#include "lib/delivery/send_settlement.h"
#include "lib/model/frozen_content.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;

namespace {

// What a receiver echoes of our secrets is not for rules: what they read of the reply ends up in
// traces and records.
HttpResult WithoutSecrets(const Redactor& redactor, const HttpResult& result) {
  if (!result.ok()) return result;
  HttpReply reply = result.value();
  for (auto& [name, value] : reply.headers) value = redactor.Text(value);
  reply.body = redactor.Text(reply.body);
  return reply;
}

// The breaker's question, before any rule: does the receiver work?
Finish::Receiver ReceiverOf(const OutboundResult& outbound, const model::Outcome& classified) {
  if (std::holds_alternative<model::Retry>(classified)) return Finish::Receiver::kFailed;
  const bool answered = outbound.result.ok() || outbound.was_answered;
  return answered ? Finish::Receiver::kAnswered : Finish::Receiver::kNotAsked;
}

}  // namespace

Sender::Sender(RequestOptions options, const EnginePorts& ports, OutboundCalls& calls,
               Settler& settler, CallbackCaller& callbacks)
    : options_(std::move(options)),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      journal_(ports.journal),
      calls_(calls),
      settler_(settler),
      callbacks_(callbacks) {}

void Sender::Send(std::vector<model::Delivery> deliveries, const HandlerBookPtr& book) {
  std::vector<JobPtr> jobs;
  for (model::Delivery& delivery : deliveries) {
    JobPtr job = Begin(std::move(delivery), book);
    if (Prepare(job)) jobs.push_back(std::move(job));
  }
  StartAll(std::move(jobs));
}

Sender::JobPtr Sender::Begin(model::Delivery delivery, const HandlerBookPtr& book) {
  auto job = std::make_shared<Job>();
  job->delivery = std::move(delivery);
  job->book = book;
  job->endpoint = &book->configuration->endpoints.at(job->delivery.endpoint_id);
  job->compiled = &book->endpoints.at(job->delivery.endpoint_id);
  job->policy = &book->configuration->retry_policies.at(job->endpoint->retry_policy_id);
  job->settlement_uid = base::MakeUuid7(clock_.Now(), random_);
  job->redactor = job->compiled->redactor;
  return job;
}

// False: it ended here, or its callback is asked and goes on later. Nobody is asked about what is
// of no use any more.
bool Sender::Prepare(const JobPtr& job) {
  if (const std::string why = WhyExpired(*job->policy, HistoryOf(*job), clock_.Now());
      !why.empty()) {
    SettleInstead(*job, model::DeadLetter{model::FailureReason::kExpired, why});
    return false;
  }
  return FindHandler(*job) && Shape(*job) && AskBeforeSend(job) && Build(*job);
}

bool Sender::FindHandler(Job& job) {
  if (!job.delivery.handler_id) return true;
  job.handler = job.book->Find(*job.delivery.handler_id);
  job.rules = job.book->Rules(*job.delivery.handler_id);
  if (job.handler != nullptr) return true;
  SettleInstead(job, model::Deferred{kHandlerWait, "its handler is archived or deleted"});
  return false;
}

// The endpoint's own rules come before the handler, so that it sees what would be sent.
bool Sender::Shape(Job& job) {
  const auto changed = ShapeDelivery(*job.compiled, *job.endpoint, job.delivery);
  if (!changed.ok()) {
    SettleInstead(job, changed.error());
    return false;
  }
  if (changed.value()) job.frozen = ContentOf(job.delivery);
  return true;
}

// True: it may be sent now. False: it ended here, or its callback is asked and goes on later.
bool Sender::AskBeforeSend(const JobPtr& job) {
  if (job->handler == nullptr) return true;
  const std::string& path = TargetPath(*job->endpoint, job->delivery);
  if (job->rules == nullptr) {
    if (job->delivery.content_frozen) return true;
    callbacks_.BeforeSend(job->delivery, job->frozen.has_value(), job->endpoint->code,
                          *job->handler, path, [this, job](SendDecision decision) {
                            if (Accept(*job, std::move(decision)) && Build(*job)) StartAll({job});
                          });
    return false;
  }
  const bool has_rules =
      !job->delivery.content_frozen && HasRules(*job->rules, model::Phase::kBeforeSend);
  if (!has_rules && job->rules->needs.empty()) return true;
  const FactValues facts = FactsOf(job->delivery, job->endpoint->target_hostname + path);
  // Now, also for the rules about the reply: a reply cannot wait.
  if (!HasFields(facts, job->rules->needs)) {
    SettleInstead(*job,
                  model::Deferred{kFieldsWait, "Odoo has not resolved the rules' fields yet"});
    return false;
  }
  if (!has_rules) return true;
  return Accept(*job, DecideBeforeSend(*job->rules, facts, job->delivery, path));
}

// Takes over what the handler says. False: it is not sent.
bool Sender::Accept(Job& job, SendDecision decision) {
  job.execution = std::move(decision.execution);
  job.operations = std::move(decision.operations);
  if (decision.instead) {
    if (std::holds_alternative<model::Interrupted>(*decision.instead)) {
      listener_.on_unsent(job.delivery);
    } else {
      SettleInstead(job, *decision.instead);
    }
    return false;
  }
  if (!decision.content) return true;
  job.frozen = std::move(decision.content);
  SetContent(*job.frozen, job.delivery);
  return true;
}

// False when the request cannot be made: it is a dead letter.
bool Sender::Build(Job& job) {
  const base::WallTime now = clock_.Now();
  auto request = BuildRequest(*job.endpoint, *job.compiled, job.delivery, now, options_);
  if (!request.ok()) {
    Settle(job, {request.error(), "", {}, std::nullopt}, false);
    return false;
  }
  job.request = std::move(request).value();
  job.attempt =
      BeginAttempt(*job.endpoint, job.redactor, job.request, base::MakeUuid7(now, random_), now);
  return true;
}

// Nothing is sent. A retry spends an attempt all the same, or it would never come to an end; it
// fixes no content (contract).
void Sender::SettleInstead(Job& job, const model::Outcome& outcome) {
  job.frozen.reset();
  const auto* retry = std::get_if<model::Retry>(&outcome);
  if (retry == nullptr) return Settle(job, {outcome, "", {}, std::nullopt}, false);
  if (!Build(job)) return;
  job.attempt.error_kind = model::Spelling(retry->reason);
  job.attempt.error_message = job.redactor.Text(retry->message);
  Settle(job, {outcome, "", {}, std::nullopt}, true);
}

void Sender::StartAll(std::vector<JobPtr> jobs) {
  if (jobs.empty()) return;
  std::vector<JournalEntry> intents;
  for (const JobPtr& job : jobs) {
    intents.push_back(SendIntent{
        job->delivery.id, job->delivery.lease_token, job->attempt.attempt_uid, job->settlement_uid,
        job->attempt.http_method, job->attempt.target_url, job->attempt.started_at,
        job->frozen ? model::EncodeFrozenContent(*job->frozen) : ""});
  }
  journal_.Append(std::move(intents), [this, jobs = std::move(jobs)](bool committed) {
    OnIntentsNoted(jobs, committed);
  });
}

void Sender::OnIntentsNoted(const std::vector<JobPtr>& jobs, bool committed) {
  if (!committed) {
    listener_.on_journal_failed();
    for (const JobPtr& job : jobs) listener_.on_unsent(job->delivery);
    return;
  }
  for (const JobPtr& job : jobs) {
    if (!listener_.may_send(job->delivery)) {
      GiveBack(*job);
      continue;
    }
    job->started = clock_.SteadyNow();
    calls_.Send(*job->endpoint, job->book, std::move(job->request),
                [this, job](const OutboundResult& outbound) { OnResult(job, outbound); });
  }
}

void Sender::OnResult(const JobPtr& job, const OutboundResult& outbound) {
  const HttpResult& result = outbound.result;
  const bool canceled = !result.ok() && result.error().kind == TransportErrorKind::kCanceled;
  if (canceled && !result.error().maybe_delivered) return GiveBack(*job);
  for (const base::Secret& token : outbound.access_tokens) {
    job->redactor = job->redactor.With(token);
  }
  FinishAttempt(*job->endpoint, job->redactor, result, clock_.SteadyNow() - job->started,
                job->attempt);
  model::Outcome classified =
      Classify(result, clock_.Now(), job->compiled->retry_statuses, job->compiled->final_statuses);
  job->receiver = ReceiverOf(outbound, classified);
  Settle(*job, DecideOn(*job, outbound, std::move(classified)), true);
}

// The handler's rules about the reply decide, if there are any. Of what was not tried there is
// nothing to decide: it is deferred or interrupted.
Decision Sender::DecideOn(const Job& job, const OutboundResult& outbound,
                          model::Outcome classified) const {
  const bool was_tried = !std::holds_alternative<model::Deferred>(classified) &&
                         !std::holds_alternative<model::Interrupted>(classified);
  const bool has_rules = job.rules != nullptr && HasRules(*job.rules, model::Phase::kResponse);
  Decision decision{std::move(classified), "", {}, std::nullopt};
  if (has_rules && was_tried) {
    FactValues facts = FactsOf(job.delivery, job.attempt.target_url);
    AddReply(WithoutSecrets(job.redactor, outbound.result), facts);
    decision = DecideReply(*job.rules, facts, decision.outcome);
  }
  if (!outbound.note.empty() && outbound.result.ok()) {
    decision.note += (decision.note.empty() ? "" : "; ") + outbound.note;
  }
  return decision;
}

// Nothing was sent, so after a restart the intent must not look like an attempt: it is replaced by
// a settlement that is forgotten in the same commit.
void Sender::GiveBack(const Job& job) {
  journal_.Append(
      {SettlementRecorded{job.settlement_uid, job.delivery.id, job.delivery.lease_token, "{}"},
       SettlementAcknowledged{job.settlement_uid}},
      [this](bool committed) {
        if (!committed) listener_.on_journal_failed();
      });
  listener_.on_unsent(job.delivery);
}

void Sender::Settle(Job& job, Decision decision, bool attempted) {
  const base::WallTime now = clock_.Now();
  const model::Settlement settlement =
      SettlementOf(job, std::move(decision), attempted, now, random_.NextFraction());
  LogAttempt(job, settlement, now, log_);
  settler_.Submit(settlement);
  listener_.on_finished(job.delivery, {settlement.transition.state, job.receiver});
}

void Sender::SettleInterrupted(const SendIntent& intent) {
  log_.Write(Level::kWarning, "delivery.interrupted",
             {{"delivery_id", intent.delivery_id}, {"attempt_uid", intent.attempt_uid}});
  settler_.Submit(InterruptedSettlement(intent, clock_.Now()));
}

}  // namespace webhook::delivery
