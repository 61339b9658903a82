// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/sender.h"

#include <fmt/format.h>

#include <iterator>

#include "lib/base/assert.h"
#include "lib/base/uuid.h"
#include "lib/delivery/attempt_log.h"
#include "lib/delivery/classify.h"
#include "lib/delivery/decide.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/rule_decision.h"
#include "lib/model/frozen_content.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;

Sender::Sender(RequestOptions options, const EnginePorts& ports, Settler& settler,
               CallbackCaller& callbacks)
    : options_(std::move(options)),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      transport_(ports.transport),
      journal_(ports.journal),
      settler_(settler),
      callbacks_(callbacks) {}

void Sender::Send(std::vector<model::Delivery> deliveries, const HandlerBookPtr& book) {
  std::vector<JobPtr> jobs;
  for (model::Delivery& delivery : deliveries) {
    JobPtr job = Begin(std::move(delivery), book);
    if (job && AskBeforeSend(job) && Build(*job)) jobs.push_back(std::move(job));
  }
  StartAll(std::move(jobs));
}

// Null when the delivery ended here: its time is over, or nobody knows its handler.
Sender::JobPtr Sender::Begin(model::Delivery delivery, const HandlerBookPtr& book) {
  auto job = std::make_shared<Job>();
  job->delivery = std::move(delivery);
  job->book = book;
  job->endpoint = &book->configuration->endpoints.at(job->delivery.endpoint_id);
  job->policy = &book->configuration->retry_policies.at(job->endpoint->retry_policy_id);
  job->settlement_uid = base::MakeUuid7(clock_.Now(), random_);
  if (clock_.Now() - job->delivery.queued_at > job->policy->age_max) {
    SettleInstead(
        *job, model::DeadLetter{model::FailureReason::kExpired,
                                fmt::format("not sent within {} s", job->policy->age_max.count())});
    return nullptr;
  }
  if (!job->delivery.handler_id) return job;
  job->handler = book->Find(*job->delivery.handler_id);
  job->rules = book->Rules(*job->delivery.handler_id);
  if (job->handler == nullptr) {
    SettleInstead(*job, model::Deferred{kHandlerWait, "its handler is archived or deleted"});
    return nullptr;
  }
  return job;
}

// True: it may be sent now. False: it ended here, or its callback is asked and goes on later.
bool Sender::AskBeforeSend(const JobPtr& job) {
  if (job->handler == nullptr) return true;
  const std::string& path = TargetPath(*job->endpoint, job->delivery);
  if (job->rules == nullptr) {
    if (job->delivery.content_frozen) return true;
    callbacks_.BeforeSend(job->delivery, job->endpoint->code, *job->handler, path,
                          [this, job](SendDecision decision) {
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
  job.frozen = std::move(decision.content);
  if (!job.frozen) return true;
  job.delivery.http_method = job.frozen->http_method;
  job.delivery.target_path = job.frozen->target_path;
  job.delivery.request_headers = job.frozen->request_headers;
  job.delivery.payload = job.frozen->payload;
  return true;
}

// False when the request cannot be made: it is a dead letter.
bool Sender::Build(Job& job) {
  const base::WallTime now = clock_.Now();
  auto request = BuildRequest(*job.endpoint, job.delivery, now, options_);
  if (!request.ok()) {
    Settle(job, {request.error(), "", {}, std::nullopt}, false);
    return false;
  }
  job.request = std::move(request).value();
  job.attempt = BeginAttempt(*job.endpoint, job.request, base::MakeUuid7(now, random_), now);
  return true;
}

// Nothing is sent. A retry spends an attempt all the same, or it would never come to an end.
void Sender::SettleInstead(Job& job, const model::Outcome& outcome) {
  const auto* retry = std::get_if<model::Retry>(&outcome);
  if (retry == nullptr) return Settle(job, {outcome, "", {}, std::nullopt}, false);
  if (!Build(job)) return;
  job.attempt.error_kind = model::Spelling(retry->reason);
  job.attempt.error_message = retry->message;
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
    transport_.Send(std::move(job->request),
                    [this, job](HttpResult result) { OnResult(job, result); });
  }
}

void Sender::OnResult(const JobPtr& job, const HttpResult& result) {
  const bool canceled = !result.ok() && result.error().kind == TransportErrorKind::kCanceled;
  if (canceled && !result.error().maybe_delivered) return GiveBack(*job);
  FinishAttempt(*job->endpoint, result, clock_.SteadyNow() - job->started, job->attempt);
  Decision decision{Classify(result, clock_.Now()), "", {}, std::nullopt};
  // Nothing was tried, so there is nothing to decide about: it is deferred.
  const bool was_tried = !canceled && !std::holds_alternative<model::Deferred>(decision.outcome);
  const bool has_rules = job->rules != nullptr && HasRules(*job->rules, model::Phase::kResponse);
  if (has_rules && was_tried) {
    FactValues facts = FactsOf(job->delivery, job->attempt.target_url);
    AddReply(result, facts);
    decision = DecideReply(*job->rules, facts, decision.outcome);
  }
  Settle(*job, std::move(decision), true);
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
  model::Settlement settlement;
  settlement.settlement_uid = job.settlement_uid;
  settlement.job_id = job.delivery.id;
  settlement.lease_token = job.delivery.lease_token;
  settlement.transition = Decide(*job.policy, {job.delivery.attempt_count, job.delivery.queued_at},
                                 decision.outcome, clock_.Now(), random_.NextFraction());
  if (settlement.transition.note.empty()) settlement.transition.note = decision.note;
  const bool spent = !std::holds_alternative<model::Deferred>(decision.outcome);
  // Deferred is for queued only (contract): one whose time is over is a dead letter.
  const bool over = !spent && settlement.transition.state == model::DeliveryState::kDeadLetter;
  settlement.outcome = over ? "dead_letter" : model::Spelling(decision.outcome);
  if (attempted && spent) settlement.attempt = std::move(job.attempt);
  if (attempted && spent) settlement.frozen = std::move(job.frozen);
  settlement.execution =
      decision.execution ? std::move(decision.execution) : std::move(job.execution);
  // Of what was not tried nothing is written: its callback is asked again.
  if (spent) settlement.operations = std::move(job.operations);
  std::move(decision.operations.begin(), decision.operations.end(),
            std::back_inserter(settlement.operations));
  if (!settlement.operations.empty()) AddOtherwise(job, settlement);
  LogAttempt(job, settlement);
  settler_.Submit(settlement);
  listener_.on_finished(job.delivery);
}

// What was delivered must not be sent again because Odoo refuses what is to be written: that is a
// dead letter, for people. A failed attempt is tried again either way.
void Sender::AddOtherwise(const Job& job, model::Settlement& settlement) {
  settlement.otherwise = settlement.transition;
  if (settlement.transition.state == model::DeliveryState::kError) return;
  const model::DeadLetter refused{model::FailureReason::kRecordOperation, ""};
  settlement.otherwise = Decide(*job.policy, {job.delivery.attempt_count, job.delivery.queued_at},
                                refused, clock_.Now(), 0);
}

// The canonical line: one per attempt, with everything an operator greps for.
void Sender::LogAttempt(const Job& job, const model::Settlement& settlement) const {
  const model::Transition& transition = settlement.transition;
  std::optional<std::string_view> reason;
  if (transition.failure_reason) reason = model::Spelling(*transition.failure_reason);
  std::optional<std::string_view> message;
  if (!transition.failure_message.empty()) message = transition.failure_message;
  std::optional<std::int64_t> next_in_ms;
  if (transition.next_attempt_at) next_in_ms = (*transition.next_attempt_at - clock_.Now()).count();
  std::optional<int> status;
  std::optional<std::int64_t> duration_ms;
  if (settlement.attempt) {
    status = settlement.attempt->response_status_code;
    duration_ms = settlement.attempt->duration.count();
  }
  log_.Write(Level::kInfo, "delivery.attempted",
             {{"delivery", job.delivery.delivery_uid},
              {"delivery_id", job.delivery.id},
              {"endpoint", job.endpoint->code},
              {"attempt", job.delivery.attempt_count + 1},
              {"outcome", settlement.outcome},
              {"state", model::Spelling(transition.state)},
              {"status", status},
              {"reason", reason},
              {"message", message},
              {"duration_ms", duration_ms},
              {"next_in_ms", next_in_ms}});
}

void Sender::SettleInterrupted(const SendIntent& intent) {
  const base::WallTime now = clock_.Now();
  const model::Interrupted outcome{"the worker stopped while sending; it may have been delivered"};
  model::Settlement settlement;
  settlement.settlement_uid = intent.settlement_uid;
  settlement.job_id = intent.delivery_id;
  settlement.lease_token = intent.lease_token;
  settlement.outcome = model::Spelling(model::Outcome(outcome));
  settlement.transition = Decide(model::RetryPolicy{}, {0, now}, outcome, now, 0);
  model::Attempt attempt;
  attempt.attempt_uid = intent.attempt_uid;
  attempt.started_at = intent.started_at;
  attempt.http_method = intent.http_method;
  attempt.target_url = intent.target_url;
  attempt.error_kind = "interrupted";
  attempt.error_message = outcome.message;
  attempt.maybe_delivered = true;
  settlement.attempt = std::move(attempt);
  settlement.frozen = model::DecodeFrozenContent(intent.frozen_json);
  log_.Write(Level::kWarning, "delivery.interrupted",
             {{"delivery_id", intent.delivery_id}, {"attempt_uid", intent.attempt_uid}});
  settler_.Submit(settlement);
}

}  // namespace webhook::delivery
