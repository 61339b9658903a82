// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/send_settlement.h"

#include <iterator>
#include <utility>

#include "lib/model/frozen_content.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;

namespace {

void Redact(const Redactor& redactor, model::Transition& transition) {
  transition.failure_message = redactor.Text(transition.failure_message);
  transition.note = redactor.Text(transition.note);
}

// What was delivered must not be sent again because Odoo refuses what is to be written: that is a
// dead letter, for people. A failed attempt is tried again either way.
void AddOtherwise(const SendJob& job, base::WallTime now, model::Settlement& settlement) {
  settlement.otherwise = settlement.transition;
  if (settlement.transition.state == model::DeliveryState::kError) return;
  const model::DeadLetter refused{model::FailureReason::kRecordOperation, ""};
  settlement.otherwise = Decide(*job.policy, HistoryOf(job), refused, now, 0);
}

}  // namespace

JobHistory HistoryOf(const SendJob& job) {
  return {job.delivery.attempt_count, job.delivery.queued_at, job.delivery.expires_at};
}

model::Settlement SettlementOf(SendJob& job, Decision decision, bool attempted, base::WallTime now,
                               double jitter) {
  model::Settlement settlement;
  settlement.settlement_uid = job.settlement_uid;
  settlement.job_id = job.delivery.id;
  settlement.lease_token = job.delivery.lease_token;
  settlement.transition = Decide(*job.policy, HistoryOf(job), decision.outcome, now, jitter);
  if (settlement.transition.note.empty()) settlement.transition.note = decision.note;
  Redact(job.redactor, settlement.transition);
  const bool spent = !std::holds_alternative<model::Deferred>(decision.outcome);
  // Deferred is for queued only (contract): one whose time is over is a dead letter.
  const bool over = !spent && settlement.transition.state == model::DeliveryState::kDeadLetter;
  settlement.outcome = over ? "dead_letter" : model::Spelling(decision.outcome);
  if (attempted && spent) settlement.attempt = std::move(job.attempt);
  if (attempted && spent) settlement.frozen = std::move(job.frozen);
  settlement.execution =
      decision.execution ? std::move(decision.execution) : std::move(job.execution);
  if (settlement.execution) {
    settlement.execution->trace = job.redactor.Text(settlement.execution->trace);
  }
  // Of what was not tried nothing is written: its callback is asked again.
  if (spent) settlement.operations = std::move(job.operations);
  std::move(decision.operations.begin(), decision.operations.end(),
            std::back_inserter(settlement.operations));
  if (!settlement.operations.empty()) AddOtherwise(job, now, settlement);
  return settlement;
}

model::Settlement InterruptedSettlement(const SendIntent& intent, base::WallTime now) {
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
  return settlement;
}

void LogAttempt(const SendJob& job, const model::Settlement& settlement, base::WallTime now,
                base::EventLog& log) {
  const model::Transition& transition = settlement.transition;
  std::optional<std::string_view> reason;
  if (transition.failure_reason) reason = model::Spelling(*transition.failure_reason);
  std::optional<std::string_view> message;
  if (!transition.failure_message.empty()) message = transition.failure_message;
  std::optional<std::int64_t> next_in_ms;
  if (transition.next_attempt_at) next_in_ms = (*transition.next_attempt_at - now).count();
  std::optional<int> status;
  std::optional<std::int64_t> duration_ms;
  if (settlement.attempt) {
    status = settlement.attempt->response_status_code;
    duration_ms = settlement.attempt->duration.count();
  }
  log.Write(Level::kInfo, "delivery.attempted",
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

}  // namespace webhook::delivery
