// SPDX-License-Identifier: LGPL-3.0-or-later
// Asks Odoo for due deliveries: when it is time, as many as there is room for, under a token that
// the journal has first; asks again for a claim whose reply was lost. While there is no room it
// asks how many workers share the rate limits. Lives on the strand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/delivery/endpoint_queues.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/link.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

struct ClaimerOptions {
  std::string worker_uid;
  int claim_batch_max = 500;
  std::chrono::seconds lease{300};
  base::Milliseconds call_timeout{150000};
  base::Milliseconds poll_interval{1000};
  base::Milliseconds poll_interval_woken{5000};  // while wake-ups arrive
  base::Milliseconds woken_for{60000};           // so long after the last wake-up
  base::Milliseconds takeover_after{45000};      // see DispatcherOptions
};

class Claimer {
 public:
  struct Rows {
    const model::ClaimRequest& request;
    base::SteadyTime asked_at;
    std::vector<model::Delivery> deliveries;
    base::WallTime server_time;
    bool is_recovered;  // of a claim that was asked for again
  };

  // Told and asked on the strand.
  struct Listener {
    std::function<bool()> may_claim;
    std::function<bool(Rows)> on_rows;  // true: something of the claim is held by now
    std::function<void()> on_claimed;   // after that, when the claim itself is dealt with
    std::function<void()> on_journal_failed;
  };

  // Everything outlives the claimer.
  Claimer(ClaimerOptions options, const EnginePorts& ports, Link& link, EndpointQueues& queues,
          Listener listener);

  // Claims of an earlier life, whose rows may still be leased to us.
  void Start(const std::vector<std::string>& claim_tokens);

  // Something was queued in Odoo.
  void Wake();
  // There may be something due: the next MaybeClaim asks.
  void LookNow() { is_due_ = true; }
  void MaybeClaim();

  // Rows may be leased to us under the token that we do not hold: it is asked for.
  void AddUnanswered(const std::string& token);
  bool IsUnanswered(const std::string& token) const { return unanswered_.contains(token); }
  // All of them, with the next MaybeClaim.
  void AskForUnanswered();

  bool under_way() const { return under_way_; }

 private:
  int BatchMax() const;
  model::ClaimRequest Request(const std::string& token) const;
  void OnNoRoom();
  void AskForWorkers();
  void OnWorkers(RpcReply reply);
  void Claim(std::vector<model::Quota> quotas);
  void Recover(const std::string& token);
  void Send(const model::ClaimRequest& request);
  void OnReply(const model::ClaimRequest& request, base::SteadyTime asked_at, RpcReply reply);
  void OnAnswer(const model::ClaimRequest& request, base::SteadyTime asked_at,
                model::ClaimAnswer answer);
  void NoteLimits(const model::ClaimRequest& request, const model::ClaimAnswer& answer);
  bool GiveUp(const std::string& token, const RpcFault& fault);
  void Finish(const std::string& token, base::SteadyTime asked_at, bool is_held);
  void PlanNext(const model::ClaimAnswer& answer);
  void Schedule(base::Milliseconds delay);
  base::Milliseconds PollInterval() const;

  const ClaimerOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Journal& journal_;
  Link& link_;
  EndpointQueues& queues_;
  const Listener listener_;

  std::map<std::string, base::SteadyTime>
      unanswered_;                         // claims without a reply: asked again until then
  std::vector<std::string> to_recover_;    // of those, the ones to ask for now
  std::map<std::string, int> unreadable_;  // answers of a claim that could not be read
  bool under_way_ = false;
  bool is_due_ = true;
  std::uint64_t timer_ = 0;  // only the latest one counts
  std::optional<base::SteadyTime> woken_at_;
};

}  // namespace webhook::delivery
