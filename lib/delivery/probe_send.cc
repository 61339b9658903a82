// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/probe_send.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/base/uuid.h"
#include "lib/delivery/attempt_log.h"
#include "lib/delivery/classify.h"
#include "lib/delivery/delivery_content.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/rule_decision.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

struct ProbeSender::Test {
  const model::Endpoint* endpoint = nullptr;   // inside the book
  const CompiledEndpoint* compiled = nullptr;  // inside the book
  std::string remark;                          // about its handler; empty: nothing to say
  model::Attempt attempt;
  base::SteadyTime started;
};

namespace {

using model::Outcome;

constexpr const char* kName = "Send test";
constexpr base::Milliseconds kTimeoutMax{10000};  // a person waits

model::ProbeAnswer AnswerWith(std::string action, const std::string& message) {
  model::ProbeResult result;
  result.name = kName;
  result.action = std::move(action);
  result.message = message;
  return {message, {std::move(result)}};
}

model::ProbeAnswer Error(const std::string& message) { return AnswerWith("error", message); }

// Why an outcome is what it is; empty: it needs no words.
std::string WhyOf(const Outcome& outcome) {
  return std::visit(
      base::Overloaded{[](const model::Delivered&) { return std::string(); },
                       [](const model::Retry& retry) { return retry.message; },
                       [](const model::DeadLetter& letter) { return letter.message; },
                       [](const model::Canceled& canceled) { return canceled.note; },
                       [](const model::Deferred& deferred) { return deferred.note; },
                       [](const model::Interrupted& interrupted) { return interrupted.message; }},
      outcome);
}

// A handler that decides before sending is asked where that has no effects and no waiting: rules
// are, callbacks are not. Nothing: send. Otherwise what it comes to instead.
std::optional<Outcome> AskHandler(const HandlerBook& book, const model::Endpoint& endpoint,
                                  model::Delivery& delivery, std::string& remark) {
  if (!endpoint.handler_id) return std::nullopt;
  const rules::CompiledHandler* rules = book.Rules(*endpoint.handler_id);
  if (rules == nullptr) {
    remark = "the handler was not asked: a send test runs no callback";
    return std::nullopt;
  }
  if (!HasRules(*rules, model::Phase::kBeforeSend)) return std::nullopt;
  const std::string& path = TargetPath(endpoint, delivery);
  const FactValues facts = FactsOf(delivery, endpoint.target_hostname + path);
  if (!HasFields(facts, rules->needs)) {
    remark = "the handler was not asked: its rules read fields of a record";
    return std::nullopt;
  }
  SendDecision decision = DecideBeforeSend(*rules, facts, delivery, path);
  if (!decision.instead && decision.content) SetContent(*decision.content, delivery);
  return decision.instead;
}

std::string Sentence(const HttpResult& result, base::Milliseconds duration) {
  if (result.ok()) {
    return fmt::format("HTTP {} in {} ms", result.value().status_code, duration.count());
  }
  return fmt::format("{}: {}", Spelling(result.error().kind), result.error().detail);
}

void Append(const std::string& text, std::string& message) {
  if (!text.empty()) message += "; " + text;
}

}  // namespace

ProbeSender::ProbeSender(RequestOptions options, const EnginePorts& ports, OutboundCalls& calls)
    : options_(std::move(options)), clock_(ports.clock), random_(ports.random), calls_(calls) {}

void ProbeSender::Send(model::Delivery delivery, const HandlerBookPtr& book, const Done& done) {
  const auto& endpoints = book->configuration->endpoints;
  const auto endpoint = endpoints.find(delivery.endpoint_id);
  if (endpoint == endpoints.end()) {
    return done(Error("the endpoint is not in this worker's configuration; save it and try again"));
  }
  Test test;
  test.endpoint = &endpoint->second;
  test.compiled = &book->endpoints.at(endpoint->first);
  const Redactor& redactor = test.compiled->redactor;
  const auto shaped = ShapeDelivery(*test.compiled, *test.endpoint, delivery);
  if (!shaped.ok()) return done(Error(redactor.Text(WhyOf(shaped.error()))));
  if (const auto instead = AskHandler(*book, *test.endpoint, delivery, test.remark)) {
    return done(AnswerWith(std::string(model::Spelling(*instead)),
                           "not sent: its handler: " + redactor.Text(WhyOf(*instead))));
  }
  auto request = BuildRequest(*test.endpoint, *test.compiled, delivery, clock_.Now(), options_);
  if (!request.ok()) return done(Error(redactor.Text(request.error().message)));
  Dispatch(std::move(test), std::move(request).value(), book, done);
}

// Marked after the signature, which covers what a delivery's would.
void ProbeSender::Dispatch(Test test, HttpRequest request, const HandlerBookPtr& book,
                           const Done& done) {
  const base::WallTime now = clock_.Now();
  request.headers.emplace_back("webhook-test", "1");
  request.timeout = std::min(request.timeout, kTimeoutMax);
  test.attempt = BeginAttempt(*test.endpoint, test.compiled->redactor, request,
                              base::MakeUuid7(now, random_), now);
  test.started = clock_.SteadyNow();
  const model::Endpoint& endpoint = *test.endpoint;
  calls_.Send(endpoint, book, std::move(request),
              [this, test = std::move(test), book, done](const OutboundResult& outbound) {
                done(AnswerOf(test, outbound));
              });
}

model::ProbeAnswer ProbeSender::AnswerOf(Test test, const OutboundResult& outbound) const {
  Redactor redactor = test.compiled->redactor;
  for (const base::Secret& token : outbound.access_tokens) redactor = redactor.With(token);
  const base::Milliseconds duration = clock_.SteadyNow() - test.started;
  FinishAttempt(*test.endpoint, redactor, outbound.result, duration, test.attempt);
  const Outcome outcome = Classify(outbound.result, clock_.Now(), test.compiled->retry_statuses,
                                   test.compiled->final_statuses);
  std::string message = Sentence(outbound.result, duration);
  if (outbound.result.ok()) Append(outbound.note, message);
  Append(test.remark, message);
  model::ProbeAnswer answer =
      AnswerWith(std::string(model::Spelling(outcome)), redactor.Text(message));
  answer.results.front().attempt = std::move(test.attempt);
  return answer;
}

}  // namespace webhook::delivery
