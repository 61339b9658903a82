// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/callback_outcome.h"

#include <fmt/format.h>

#include <utility>

#include "lib/model/failure_category.h"
#include "lib/rules/coerce_operation.h"
#include "lib/rules/plan_error.h"

namespace webhook::delivery {
namespace {

using model::FailureReason;

constexpr base::Milliseconds kCallbackWait{60000};
constexpr base::Milliseconds kBusyWait{10000};

model::Retry Failed(std::string message) { return {FailureReason::kCallback, std::move(message)}; }

model::DeadLetter Ended(std::string message) {
  return {FailureReason::kCallback, std::move(message)};
}

std::string NoteOr(const std::string& note, const char* otherwise) {
  return note.empty() ? otherwise : note;
}

model::Retry AskedFor(std::chrono::seconds after, const std::string& note) {
  model::Retry retry{FailureReason::kRule, NoteOr(note, "the callback asks for a retry")};
  if (after.count() > 0) retry.exactly = after;
  return retry;
}

model::Outcome Of(const CallbackError& error) {
  switch (error.kind) {
    case CallbackErrorKind::kUnknownCallback:
      return model::Deferred{kCallbackWait, error.message};
    case CallbackErrorKind::kBusy:
      return model::Deferred{kBusyWait, error.message};
    case CallbackErrorKind::kStopping:
      return model::Interrupted{error.message};
    case CallbackErrorKind::kThrew:
    case CallbackErrorKind::kDeadline:
    case CallbackErrorKind::kCrashed:
    case CallbackErrorKind::kNoAnswer:
      return Failed(error.message);
  }
  return Failed(error.message);
}

// The callback's operations, coerced to what the handler may write; the error is one sentence.
base::Result<std::vector<model::RecordOperation>, std::string> Coerced(
    const model::Handler& handler, const std::vector<model::RecordOperation>& operations) {
  std::vector<model::RecordOperation> coerced;
  for (const model::RecordOperation& operation : operations) {
    auto one = rules::CoerceOperation(operation, handler.field_metadata, handler.allowed_models);
    if (!one.ok()) return rules::PlanErrorText(one.error());
    coerced.push_back(std::move(one).value());
  }
  return coerced;
}

// Adds the operations to what was decided; one that does not fit ends it.
Decision WithOperations(const model::Handler& handler, const CallbackAnswer& answer,
                        model::Outcome outcome) {
  auto operations = Coerced(handler, answer.operations);
  if (!operations.ok()) return {Ended(operations.error()), "", {}, std::nullopt};
  return {std::move(outcome), answer.note, std::move(operations).value(), std::nullopt};
}

model::Outcome EventOutcome(const CallbackAnswer& answer) {
  using model::Outcome;
  return std::visit(
      base::Overloaded{
          [](const CallbackDone&) { return Outcome(model::Delivered{}); },
          [&](const CallbackRetry& retry) { return Outcome(AskedFor(retry.after, answer.note)); },
          [&](const CallbackDeadLetter&) {
            return Outcome(model::DeadLetter{
                FailureReason::kRule, NoteOr(answer.note, "the callback makes it a dead letter")});
          },
          [](const CallbackSend&) {
            return Outcome(Ended("the callback answered send, which an event has no use for"));
          },
          [](const CallbackCancel&) {
            return Outcome(Ended("the callback answered cancel, which an event has no use for"));
          },
      },
      answer.outcome);
}

SendDecision Instead(model::Outcome outcome) {
  return {std::move(outcome), std::nullopt, std::nullopt, {}};
}

SendDecision Send(const CallbackSend& send, model::FrozenContent content) {
  if (send.changed) {
    content = {send.http_method,
               send.target_path,
               {send.headers.begin(), send.headers.end()},
               send.payload};
  }
  return {std::nullopt, std::move(content), std::nullopt, {}};
}

SendDecision BeforeSend(const CallbackAnswer& answer, model::FrozenContent content) {
  return std::visit(
      base::Overloaded{
          [&](const CallbackSend& send) { return Send(send, std::move(content)); },
          [&](const CallbackRetry& retry) { return Instead(AskedFor(retry.after, answer.note)); },
          [&](const CallbackDeadLetter&) {
            return Instead(model::DeadLetter{
                FailureReason::kRule, NoteOr(answer.note, "the callback makes it a dead letter")});
          },
          [&](const CallbackCancel&) {
            return Instead(model::Canceled{NoteOr(answer.note, "the callback cancels it")});
          },
          [&](const CallbackDone&) {
            return Instead(
                Ended("the callback answered done before anything was sent; send or "
                      "cancel is expected"));
          },
      },
      answer.outcome);
}

SendDecision Decided(const model::PythonDecision& decision, model::FrozenContent content) {
  switch (decision.outcome) {
    case model::PythonOutcome::kCancel:
      return Instead(model::Canceled{NoteOr(decision.note, "the callback cancels it")});
    case model::PythonOutcome::kDeadLetter:
      return Instead(model::DeadLetter{
          FailureReason::kRule, NoteOr(decision.note, "the callback makes it a dead letter")});
    case model::PythonOutcome::kRetry:
      return Instead(AskedFor(decision.retry_after, decision.note));
    case model::PythonOutcome::kSend:
      break;
  }
  if (decision.http_method) content.http_method = *decision.http_method;
  if (decision.target_path) content.target_path = *decision.target_path;
  if (decision.headers) content.request_headers = *decision.headers;
  if (decision.payload) content.payload = *decision.payload;
  return {std::nullopt, std::move(content), std::nullopt, {}};
}

}  // namespace

EventCallbackResult EventDecision(const model::Handler& handler, CallbackResult result) {
  if (result.ok()) return WithOperations(handler, result.value(), EventOutcome(result.value()));
  if (result.error().kind == CallbackErrorKind::kStopping) return NotRun{};
  return Decision{Of(result.error()), "", {}, std::nullopt};
}

EventCallbackResult EventDecision(PythonCaller::Result result) {
  if (std::holds_alternative<PythonCaller::Stopping>(result)) return NotRun{};
  if (const auto* refused = std::get_if<PythonCaller::Refused>(&result)) {
    return Decision{Failed(refused->message), "", {}, std::nullopt};
  }
  const auto& answer = std::get<model::PythonAnswer>(result);
  if (answer.settled && *answer.settled != model::SettlementStatus::kFailed) {
    return SettledInOdoo{};
  }
  return Decision{Failed(answer.message), "", {}, std::nullopt};
}

SendDecision BeforeSendDecision(const model::Handler& handler, CallbackResult result,
                                model::FrozenContent content) {
  if (!result.ok()) return Instead(Of(result.error()));
  const CallbackAnswer& answer = result.value();
  auto operations = Coerced(handler, answer.operations);
  if (!operations.ok()) return Instead(Ended(operations.error()));
  SendDecision decision = BeforeSend(answer, std::move(content));
  decision.operations = std::move(operations).value();
  return decision;
}

SendDecision BeforeSendDecision(PythonCaller::Result result, model::FrozenContent content) {
  if (std::holds_alternative<PythonCaller::Stopping>(result)) {
    return Instead(model::Interrupted{"the worker stops"});
  }
  if (const auto* refused = std::get_if<PythonCaller::Refused>(&result)) {
    return Instead(Failed(refused->message));
  }
  const auto& answer = std::get<model::PythonAnswer>(result);
  if (answer.decision) return Decided(*answer.decision, std::move(content));
  if (answer.settled == model::SettlementStatus::kSuperseded) {
    return Instead(model::Interrupted{"the lease was over before the callback was called"});
  }
  const auto category = model::FailureCategoryOf(answer.category);
  // Wrong data may be a bug of the callback that is soon mended.
  const bool is_final =
      category && *category != model::FailureCategory::kData && IsFinal(*category);
  return Instead(is_final ? model::Outcome(Ended(answer.message))
                          : model::Outcome(Failed(answer.message)));
}

}  // namespace webhook::delivery
