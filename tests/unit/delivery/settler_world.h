// SPDX-License-Identifier: LGPL-3.0-or-later
// A settler over a ready link, and answers to its calls.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/delivery/settler.h"
#include "tests/unit/delivery/engine_world.h"

namespace webhook::delivery {

// What Odoo says to one settlement of a call.
struct Verdict {
  std::string status;
  std::string category;
};

struct SettlerWorld : EngineWorld {
  explicit SettlerWorld(SettlerOptions options = {}, fakes::JournalFault fault = {0})
      : EngineWorld(fault), settler(WithUid(std::move(options)), ports, link) {}

  static SettlerOptions WithUid(SettlerOptions options) {
    options.worker_uid = kWorkerUid;
    return options;
  }

  void Start(const std::vector<SettlementRecorded>& unacknowledged = {}) {
    settler.Start({.on_settled =
                       [this](const model::Lease& lease) {
                         settled.push_back(lease.lease_token + "/" + std::to_string(lease.job_id));
                       },
                   .on_journal_failed = [this] { ++journal_failures; }},
                  unacknowledged);
    link.Start({.on_ready = [this] { settler.OnLinkReady(); },
                .on_configuration = [] {},
                .on_wake_secret = [](const std::string&) {}},
               {});
  }
  void StartReady() {
    Start();
    AnswerLink();
    REQUIRE(link.ready());
  }

  // Settlement n: uid n, of delivery n, under the token 900000 + n.
  static model::Settlement Settled(int n) {
    model::Settlement settlement;
    settlement.settlement_uid = Uid(n);
    settlement.job_id = n;
    settlement.lease_token = Uid(900000 + n);
    settlement.outcome = "delivered";
    settlement.transition.state = model::DeliveryState::kDone;
    return settlement;
  }
  static SettlementRecorded Recorded(int n) {
    return {Uid(n), n, Uid(900000 + n), model::EncodeSettlement(Settled(n))};
  }
  void Submit(int from, int to) {
    for (int n = from; n <= to; ++n) settler.Submit(Settled(n));
    strand.RunReady();
  }
  void Linger() { Advance(Milliseconds(20)); }

  // Numbers of the deliveries in the settle call under way.
  std::vector<int> Batch() const {
    std::vector<int> numbers;
    for (const Json& item : odoo.Pending(Method::kSettle).request.at("settlements")) {
      numbers.push_back(item.at("id").get<int>());
    }
    return numbers;
  }
  Json Results(const ScriptedCall& call,
               const std::function<Verdict(const Json&)>& judge = nullptr) const {
    Json results = Json::array();
    for (const Json& item : call.request.at("settlements")) {
      const Verdict verdict = judge ? judge(item) : Verdict{"applied", ""};
      Json result = {{"settlement_uid", item.at("settlement_uid")}, {"status", verdict.status}};
      if (!verdict.category.empty()) result["category"] = verdict.category;
      if (verdict.status == "failed") result["message"] = "Odoo's sentence";
      results.push_back(std::move(result));
    }
    return Envelope({{"results", results}});
  }
  void AnswerSettle(const std::function<Verdict(const Json&)>& judge = nullptr) {
    odoo.Answer(Method::kSettle, Results(odoo.Pending(Method::kSettle), judge));
  }

  std::vector<std::string> SetAside() {
    std::vector<std::string> uids;
    for (const auto& recorded : Journaled().set_aside) uids.push_back(recorded.settlement_uid);
    return uids;
  }

  Settler settler;
  std::vector<std::string> settled;
  int journal_failures = 0;
};

inline std::vector<int> Numbers(int from, int to) {
  std::vector<int> numbers;
  for (int n = from; n <= to; ++n) numbers.push_back(n);
  return numbers;
}

}  // namespace webhook::delivery
