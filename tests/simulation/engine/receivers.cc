// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/simulation/engine/receivers.h"

#include <algorithm>

namespace webhook::simulation {

using base::Milliseconds;
using delivery::HttpReply;
using delivery::HttpResult;
using delivery::TransportError;
using delivery::TransportErrorKind;

namespace {

std::string Header(const delivery::HttpRequest& request, const std::string& wanted) {
  for (const auto& [name, value] : request.headers) {
    if (name == wanted) return value;
  }
  return "";
}

bool Contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

void Receivers::Send(delivery::HttpRequest request, std::function<void(HttpResult)> done) {
  const Behaviour behaviour = Behave(request.url);
  if (!behaviour.arrives) {
    process_.After(behaviour.arrives_after, [done = std::move(done)] {
      done(TransportError{TransportErrorKind::kConnect, "refused", false});
    });
    return;
  }
  const base::SteadyTime at = clock_.SteadyNow() + behaviour.arrives_after;
  const LedgerEntry entry{Header(request, "webhook-id"),
                          request.body,
                          behaviour.status,
                          worker_,
                          request.url.substr(request.url.find('/', 8)),
                          at,
                          at + std::min(behaviour.answers_after, request.timeout)};
  world_.After(behaviour.arrives_after,
               [this_ledger = &ledger_, entry] { this_ledger->push_back(entry); });
  const Milliseconds answer_at = behaviour.arrives_after + behaviour.answers_after;
  if (answer_at > request.timeout) {
    process_.After(request.timeout, [done = std::move(done)] {
      done(TransportError{TransportErrorKind::kTimeout, "no reply in time", true});
    });
    return;
  }
  process_.After(answer_at, [done = std::move(done), status = behaviour.status] {
    if (status == 0) {
      done(TransportError{TransportErrorKind::kConnectionLost, "connection reset", true});
    } else {
      done(HttpReply{status, {}, "{}", false});
    }
  });
}

Receivers::Behaviour Receivers::Behave(const std::string& url) {
  const Milliseconds arrives_after(1 + static_cast<int>(random_.Next() % 20));
  const Milliseconds answers_after(1 + static_cast<int>(random_.Next() % 50));
  if (Contains(url, "/unreachable")) return {arrives_after, answers_after, 0, false};
  if (Contains(url, "/dead")) return {arrives_after, answers_after, 500, true};
  if (Contains(url, "/refusing")) return {arrives_after, answers_after, 422, true};
  if (Contains(url, "/limping")) {
    return {arrives_after, answers_after, random_.Next() % 4 == 0 ? 503 : 200, true};
  }
  if (Contains(url, "/flaky")) return BehaveFlaky(arrives_after);
  return {arrives_after, answers_after, 200, true};
}

Receivers::Behaviour Receivers::BehaveFlaky(Milliseconds arrives_after) {
  switch (random_.Next() % 6) {
    case 0:
      return {arrives_after, Milliseconds(30), 503, true};
    case 1:
      return {arrives_after, Milliseconds(30), 0, true};
    case 2:
      return {arrives_after, Milliseconds(60000), 200, true};  // beyond the time-out
    case 3:
      return {arrives_after, Milliseconds(4000), 200, true};
    default:
      return {arrives_after, Milliseconds(30), 200, true};
  }
}

}  // namespace webhook::simulation
