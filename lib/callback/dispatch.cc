// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback/dispatch.h"

#include <algorithm>
#include <array>
#include <exception>

#include "lib/base/text.h"
#include "lib/callback/context_json.h"

namespace webhook::callback {
namespace {

constexpr std::size_t kMessageBytesMax = 1000;
constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};

std::string FirstLine(std::string_view text) {
  return base::PrintableText(text.substr(0, text.find_first_of("\r\n")), kMessageBytesMax);
}

// Runs it, and catches all there is: a callback may throw anything.
template <typename Call>
base::Result<Outcome, Failure> Guarded(const Call& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return Failure{FailureKind::kThrew, FirstLine(error.what())};
  } catch (...) {
    return Failure{FailureKind::kThrew, "something that is no std::exception"};
  }
}

Failure NoAnswer(std::string message) { return {FailureKind::kNoAnswer, std::move(message)}; }

Answer AnswerOf(const Outcome& outcome) {
  Answer answer;
  answer.kind = outcome.kind();
  answer.retry_after = outcome.retry_after();
  answer.note = base::PrintableText(outcome.note(), kNoteCharactersMax);
  for (const Operation& operation : outcome.operations()) {
    answer.operations.push_back(operation.operation());
  }
  return answer;
}

bool IsSame(const model::RecordOperation& left, const model::RecordOperation& right) {
  const auto same_key = [](const model::LookupKey& a, const model::LookupKey& b) {
    return a.field == b.field && a.value == b.value;
  };
  return left.model == right.model && left.values == right.values &&
         std::equal(left.lookup.begin(), left.lookup.end(), right.lookup.begin(),
                    right.lookup.end(), same_key);
}

// The answer, if it gets through JSON unchanged: bytes that are no UTF-8 would become others.
Reply Checked(Answer answer) {
  Reply arrived = DecodeReply(EncodeReply(answer));
  if (!arrived.ok()) return arrived;
  const Answer& other = arrived.value();
  if (answer.request == other.request &&
      std::equal(answer.operations.begin(), answer.operations.end(), other.operations.begin(),
                 other.operations.end(), IsSame)) {
    return answer;
  }
  return NoAnswer("a text of its answer is not UTF-8");
}

Reply RunEvent(const EventFunction& function, const std::string& name, const EventFacts& facts,
               const ContextHost& host) {
  const auto outcome = Guarded([&] {
    EventContext context(name, facts, host);
    return function(context);
  });
  if (!outcome.ok()) return outcome.error();
  const OutcomeKind kind = outcome.value().kind();
  if (kind == OutcomeKind::kSend || kind == OutcomeKind::kCancel) {
    return NoAnswer("it answered an event with an outcome of deliveries");
  }
  return Checked(AnswerOf(outcome.value()));
}

// What is wrong with it, or "".
std::string ProblemOf(const OutgoingRequest& request) {
  if (std::find(kMethods.begin(), kMethods.end(), request.http_method) == kMethods.end()) {
    return "it left an HTTP method that cannot be sent: " + FirstLine(request.http_method);
  }
  if (!request.target_path.starts_with('/')) return "it left a target path that has no / in front";
  return "";
}

Reply RunDelivery(const DeliveryFunction& function, const std::string& name,
                  const DeliveryFacts& facts, const ContextHost& host) {
  std::optional<OutgoingRequest> changed;
  const auto outcome = Guarded([&] {
    DeliveryContext context(name, facts, host);
    Outcome result = function(context);
    if (context.request_changed()) changed = context.request();
    return result;
  });
  if (!outcome.ok()) return outcome.error();
  if (outcome.value().kind() == OutcomeKind::kDone) {
    return NoAnswer("it answered a delivery with an outcome of events");
  }
  Answer answer = AnswerOf(outcome.value());
  if (answer.kind != OutcomeKind::kSend || !changed) return Checked(std::move(answer));
  if (std::string problem = ProblemOf(*changed); !problem.empty()) return NoAnswer(problem);
  answer.request = std::move(changed);
  return Checked(std::move(answer));
}

Failure WrongKind(const std::string& name, std::string_view made_for, std::string_view asked_for) {
  return {FailureKind::kUnknownCallback, "the callback " + name + " is for " +
                                             std::string(made_for) + ", not for " +
                                             std::string(asked_for)};
}

}  // namespace

Reply Dispatch(const Registry& registry, const std::string& name, std::string_view context_json,
               const ContextHost& host) {
  const Callback* callback = registry.Find(name);
  if (callback == nullptr) {
    return Failure{FailureKind::kUnknownCallback, "nobody has registered a callback " + name};
  }
  const auto facts = DecodeContext(context_json);
  if (!facts.ok()) return NoAnswer(facts.error());
  if (const auto* event = std::get_if<EventFacts>(&facts.value())) {
    if (!callback->on_event) return WrongKind(name, "deliveries", "events");
    return RunEvent(callback->on_event, name, *event, host);
  }
  if (!callback->on_delivery) return WrongKind(name, "events", "deliveries");
  return RunDelivery(callback->on_delivery, name, *std::get_if<DeliveryFacts>(&facts.value()),
                     host);
}

}  // namespace webhook::callback
