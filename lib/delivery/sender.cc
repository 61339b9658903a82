// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/sender.h"

#include <fmt/format.h>

#include "lib/base/assert.h"
#include "lib/base/uuid.h"
#include "lib/delivery/attempt_log.h"
#include "lib/delivery/classify.h"
#include "lib/delivery/decide.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;

Sender::Sender(RequestOptions options, base::Clock& clock, base::Random& random,
               base::EventLog& log, HttpTransport& transport, Journal& journal, Settler& settler)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      log_(log),
      transport_(transport),
      journal_(journal),
      settler_(settler) {}

void Sender::Send(std::vector<model::Delivery> deliveries,
                  const std::shared_ptr<const model::Configuration>& configuration) {
  std::vector<JobPtr> jobs;
  std::vector<JournalEntry> intents;
  for (model::Delivery& delivery : deliveries) {
    JobPtr job = Prepare(std::move(delivery), configuration);
    if (!job) continue;
    intents.push_back(SendIntent{
        job->delivery.id, job->delivery.lease_token, job->attempt.attempt_uid, job->settlement_uid,
        job->attempt.http_method, job->attempt.target_url, job->attempt.started_at});
    jobs.push_back(std::move(job));
  }
  if (jobs.empty()) return;
  journal_.Append(std::move(intents),
                  [this, jobs = std::move(jobs)](bool committed) { StartAll(jobs, committed); });
}

// Null when the delivery ended here: it cannot be sent, or its time is over.
Sender::JobPtr Sender::Prepare(model::Delivery delivery,
                               const std::shared_ptr<const model::Configuration>& configuration) {
  auto job = std::make_shared<Job>();
  job->delivery = std::move(delivery);
  job->configuration = configuration;
  job->endpoint = &configuration->endpoints.at(job->delivery.endpoint_id);
  job->policy = &configuration->retry_policies.at(job->endpoint->retry_policy_id);
  job->settlement_uid = base::MakeUuid7(clock_.Now(), random_);
  const base::WallTime now = clock_.Now();
  if (now - job->delivery.queued_at > job->policy->age_max) {
    Settle(*job,
           model::DeadLetter{model::FailureReason::kExpired,
                             fmt::format("not sent within {} s", job->policy->age_max.count())},
           false);
    return nullptr;
  }
  auto request = BuildRequest(*job->endpoint, job->delivery, now, options_);
  if (!request.ok()) {
    Settle(*job, request.error(), false);
    return nullptr;
  }
  job->request = std::move(request).value();
  job->attempt = BeginAttempt(*job->endpoint, job->request, base::MakeUuid7(now, random_), now);
  return job;
}

void Sender::StartAll(const std::vector<JobPtr>& jobs, bool committed) {
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
  Settle(*job, Classify(result, clock_.Now()), true);
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

void Sender::Settle(Job& job, const model::Outcome& outcome, bool attempted) {
  model::Settlement settlement;
  settlement.settlement_uid = job.settlement_uid;
  settlement.delivery_id = job.delivery.id;
  settlement.lease_token = job.delivery.lease_token;
  settlement.transition = Decide(*job.policy, {job.delivery.attempt_count, job.delivery.queued_at},
                                 outcome, clock_.Now(), random_.NextFraction());
  const bool spent = !std::holds_alternative<model::Deferred>(outcome);
  // Deferred is for queued only (contract): one whose time is over is a dead letter.
  const bool over = !spent && settlement.transition.state == model::DeliveryState::kDeadLetter;
  settlement.outcome = over ? "dead_letter" : model::Spelling(outcome);
  if (attempted && spent) settlement.attempt = std::move(job.attempt);
  LogAttempt(job, settlement);
  settler_.Submit(settlement);
  listener_.on_finished(job.delivery);
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
  settlement.delivery_id = intent.delivery_id;
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
  log_.Write(Level::kWarning, "delivery.interrupted",
             {{"delivery_id", intent.delivery_id}, {"attempt_uid", intent.attempt_uid}});
  settler_.Submit(settlement);
}

}  // namespace webhook::delivery
