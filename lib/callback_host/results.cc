// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/results.h"

#include <fmt/format.h>

#include "lib/base/assert.h"
#include "lib/base/text.h"

namespace webhook::callback_host {
namespace {

using delivery::CallbackError;
using delivery::CallbackErrorKind;

constexpr std::size_t kMessageBytesMax = 2000;

CallbackError Error(CallbackErrorKind kind, std::string_view message) {
  return {kind, base::PrintableText(message, kMessageBytesMax)};
}

CallbackError FailureOf(const std::string& callback, const callback::Failure& failure) {
  switch (failure.kind) {
    case callback::FailureKind::kUnknownCallback:
      return Error(CallbackErrorKind::kUnknownCallback,
                   fmt::format("the callback {} cannot be called: {}", callback, failure.message));
    case callback::FailureKind::kThrew:
      return Error(CallbackErrorKind::kThrew,
                   fmt::format("the callback {} threw: {}", callback, failure.message));
    case callback::FailureKind::kNoAnswer:
      return NoAnswer(callback, failure.message);
  }
  WEBHOOK_ASSERT(false);
  return NoAnswer(callback, failure.message);
}

delivery::CallbackSend SendOf(std::optional<callback::OutgoingRequest> request) {
  if (!request) return {};
  return {true, std::move(request->http_method), std::move(request->target_path),
          std::move(request->headers), std::move(request->payload)};
}

auto OutcomeOf(callback::Answer& answer) -> decltype(delivery::CallbackAnswer::outcome) {
  switch (answer.kind) {
    case callback::OutcomeKind::kDone:
      return delivery::CallbackDone{};
    case callback::OutcomeKind::kSend:
      return SendOf(std::move(answer.request));
    case callback::OutcomeKind::kRetry:
      return delivery::CallbackRetry{answer.retry_after};
    case callback::OutcomeKind::kDeadLetter:
      return delivery::CallbackDeadLetter{};
    case callback::OutcomeKind::kCancel:
      return delivery::CallbackCancel{};
  }
  WEBHOOK_ASSERT(false);
  return delivery::CallbackDeadLetter{};
}

}  // namespace

delivery::CallbackResult ResultOf(const std::string& callback, callback::Reply reply) {
  if (!reply.ok()) return FailureOf(callback, reply.error());
  callback::Answer& answer = reply.value();
  auto outcome = OutcomeOf(answer);
  return delivery::CallbackAnswer{std::move(outcome), std::move(answer.note),
                                  std::move(answer.operations)};
}

CallbackError Crashed(const std::string& callback, const std::string& how) {
  return Error(CallbackErrorKind::kCrashed,
               fmt::format("the process died while it ran the callback {}: {}", callback, how));
}

CallbackError NotStarted(const std::string& callback, const std::string& why) {
  return Error(CallbackErrorKind::kCrashed,
               fmt::format("the callback {} was not called, because its process cannot be started: "
                           "{}",
                           callback, why));
}

CallbackError DeadlineOver(const delivery::CallbackCall& call) {
  return Error(CallbackErrorKind::kDeadline,
               fmt::format("the callback {} did not answer within {} ms and was ended",
                           call.callback, call.deadline.count()));
}

CallbackError NeverRun(const delivery::CallbackCall& call) {
  return Error(CallbackErrorKind::kBusy,
               fmt::format("the callback {} was not called, because no process was free within {} "
                           "ms (callbacks.processes_max)",
                           call.callback, call.deadline.count()));
}

CallbackError NoAnswer(const std::string& callback, const std::string& why) {
  return Error(CallbackErrorKind::kNoAnswer,
               fmt::format("the callback {} gave no valid answer: {}", callback, why));
}

CallbackError Unknown(const std::string& callback) {
  return Error(
      CallbackErrorKind::kUnknownCallback,
      fmt::format("this worker has no callback {}: no libraries are configured", callback));
}

CallbackError Stopping(const std::string& callback) {
  return Error(CallbackErrorKind::kStopping,
               fmt::format("the worker stopped while the callback {} ran", callback));
}

}  // namespace webhook::callback_host
