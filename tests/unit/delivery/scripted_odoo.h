// SPDX-License-Identifier: LGPL-3.0-or-later
// An OdooClient that records calls and answers when it is told to. Requests and answers are checked
// against the schemas of the contract.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/ports/odoo_client.h"
#include "tests/fakes/queue_strand.h"
#include "tests/unit/model/contract_schema.h"

namespace webhook::delivery {

using Json = nlohmann::json;
using Method = ContractMethod;

inline std::string NameOf(Method method) {
  const char* const names[] = {
      "hello",  "configuration", "report_findings",    "claim",   "renew",        "release",
      "settle", "ingest",        "run_python_handler", "read_as", "answer_probe", "reseal"};
  return names[static_cast<int>(method)];
}

// A valid UUID that is easily told from others.
inline std::string Uid(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

struct ScriptedCall {
  Method method;
  Json request;
  base::Milliseconds timeout;
  base::SteadyTime at;
  std::function<void(RpcReply)> done;
};

class ScriptedOdoo final : public OdooClient {
 public:
  explicit ScriptedOdoo(fakes::QueueStrand& strand, const base::Clock& clock)
      : strand_(strand), clock_(clock) {}

  void Call(Method method, std::string request, base::Milliseconds timeout,
            std::function<void(RpcReply)> done) override {
    if (++counts_[method] <= kCheckedMax) {
      CHECK(model::SchemaErrors(NameOf(method) + "_request", request) == "");
      CHECK(model::IsAscii(request));
    }
    pending_.push_back(
        {method, Json::parse(request), timeout, clock_.SteadyNow(), std::move(done)});
  }

  int Count(Method method) { return counts_[method]; }
  bool IsPending(Method method) const { return Find(method) != pending_.end(); }
  std::size_t PendingCount() const { return pending_.size(); }

  // The oldest call of the method that waits for its answer.
  const ScriptedCall& Pending(Method method) const {
    const auto found = Find(method);
    REQUIRE_MESSAGE(found != pending_.end(), "no call under way: " << NameOf(method));
    return *found;
  }

  // Answers it and runs what follows at once.
  void Reply(Method method, RpcReply reply) {
    std::function<void(RpcReply)> done = Take(method).done;
    done(std::move(reply));
    strand_.RunReady();
  }
  void Answer(Method method, const Json& answer) {
    if (counts_[method] <= kCheckedMax) {
      CHECK(model::SchemaErrors(NameOf(method) + "_answer", answer.dump()) == "");
    }
    Reply(method, answer.dump());
  }
  void Fail(Method method, RpcFaultKind kind) { Reply(method, RpcFault{kind, "what happened"}); }

  // The claim of events that waits for its answer; Pending(kClaim) is always one of deliveries.
  bool IsEventClaimPending() const { return FindEventClaim() != pending_.end(); }
  const ScriptedCall& PendingEventClaim() const {
    const auto found = FindEventClaim();
    REQUIRE_MESSAGE(found != pending_.end(), "no claim of events under way");
    return *found;
  }
  void ReplyEventClaim(RpcReply reply) {
    const auto found = FindEventClaim();
    REQUIRE_MESSAGE(found != pending_.end(), "no claim of events under way");
    std::function<void(RpcReply)> done = found->done;
    pending_.erase(found);
    done(std::move(reply));
    strand_.RunReady();
  }

  // Takes the call away, to be answered by the test in its own time.
  ScriptedCall Take(Method method) {
    const auto found = Find(method);
    REQUIRE_MESSAGE(found != pending_.end(), "no call under way: " << NameOf(method));
    ScriptedCall call = std::move(pending_[static_cast<std::size_t>(found - pending_.begin())]);
    pending_.erase(found);
    return call;
  }

 private:
  static constexpr int kCheckedMax = 10;  // calls of each method: long histories would take long

  std::deque<ScriptedCall>::const_iterator Find(Method method) const {
    auto at = pending_.begin();
    while (at != pending_.end() && (at->method != method || IsOfEvents(*at))) ++at;
    return at;
  }
  std::deque<ScriptedCall>::const_iterator FindEventClaim() const {
    return std::find_if(pending_.begin(), pending_.end(), IsOfEvents);
  }
  static bool IsOfEvents(const ScriptedCall& call) {
    return call.method == Method::kClaim && call.request.value("work", "") == "events";
  }

  fakes::QueueStrand& strand_;
  const base::Clock& clock_;
  std::deque<ScriptedCall> pending_;
  std::map<Method, int> counts_;
};

}  // namespace webhook::delivery
