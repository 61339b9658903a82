// SPDX-License-Identifier: LGPL-3.0-or-later
// Claims events (and probes), runs their handlers, and hands what they came to to the settler.
// Rules are evaluated at once; callbacks go on meanwhile, bounded per endpoint. Lives on the
// strand.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/callback_caller.h"
#include "lib/delivery/decision.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/lease_book.h"
#include "lib/delivery/link.h"
#include "lib/delivery/probe_responder.h"
#include "lib/delivery/releaser.h"
#include "lib/delivery/renewer.h"
#include "lib/delivery/settler.h"
#include "lib/model/contract.h"
#include "lib/model/event.h"

namespace webhook::delivery {

struct EventOptions {
  std::string worker_uid;
  int claim_batch_max = 500;
  int endpoint_window_max = 200;  // claimed events of one endpoint
  int callback_window_max = 8;    // the same, where a callback handles them
  // Above these nothing is claimed.
  std::size_t settle_backlog_max = 2000;
  std::size_t settle_backlog_bytes_max = 64U << 20;
  std::size_t claimed_bytes_max = 64U << 20;  // bodies of events that are not settled
  std::chrono::seconds lease{300};
  base::Milliseconds call_timeout{150000};
  base::Milliseconds poll_interval{1000};
  base::Milliseconds poll_interval_woken{5000};  // while wake-ups arrive
  base::Milliseconds woken_for{60000};
  base::Milliseconds takeover_after{45000};  // of uninterrupted sight of Odoo
};

class EventDispatcher {
 public:
  EventDispatcher(EventOptions options, const EnginePorts& ports, Link& link, Settler& settler,
                  CallbackCaller& callbacks, ProbeResponder& probes);

  // `claim_tokens`: claims of an earlier life, whose events may still be leased to us.
  // `on_journal_failed`: told on the strand when a claim cannot be noted. `on_intake_waiting`: when
  // an answer says that rows of the intake could be claimed.
  void Start(const std::vector<std::string>& claim_tokens, std::function<void()> on_journal_failed,
             std::function<void()> on_intake_waiting = nullptr);

  void OnLinkReady();
  void OnConfiguration(HandlerBookPtr book);
  void OnSettled(const model::Lease& lease);
  void OnJournalFailed() { journal_failed_ = true; }
  void Wake();
  // This worker has brought events to Odoo.
  void OnIngested();
  void Stop() { stopping_ = true; }

  // Events that are claimed and not settled yet.
  std::size_t outstanding() const { return leases_.size(); }
  bool claiming_or_releasing() const { return claim_under_way_ || releaser_.busy(); }

 private:
  struct Claimed {
    model::RecordId endpoint_id;
    std::size_t body_bytes;
  };

  bool MayClaim() const;
  void MaybeClaim();
  std::vector<model::Quota> Quotas() const;
  int Room(const model::InboundEndpoint& endpoint) const;
  int WindowOf(const model::InboundEndpoint& endpoint) const;
  void NoteFull(const std::vector<model::Quota>& quotas);
  void StartClaim();
  void Claim(const std::string& token, std::vector<model::Quota> quotas);
  void OnClaim(const model::ClaimRequest& request, base::SteadyTime asked_at, RpcReply reply);
  void TakeAnswer(const model::ClaimRequest& request, base::SteadyTime asked_at,
                  model::ClaimAnswer answer);
  bool Adopt(const model::Event& event, base::SteadyTime lease_ends_at);
  void ServeNext(const std::vector<model::Quota>& quotas, const std::vector<model::Event>& events);
  void PlanNextClaim(const model::ClaimAnswer& answer);
  void LookNow();
  void Schedule(base::Milliseconds delay);
  base::Milliseconds PollInterval() const;

  void Process(const model::Event& event);
  void ProcessByRules(const model::Event& event, const model::RetryPolicy& policy,
                      const rules::CompiledHandler& rules);
  void ProcessByCallback(const model::Event& event, const model::RetryPolicy& policy,
                         const model::Handler& handler);
  void Settle(const model::Event& event, const model::RetryPolicy& policy, Decision decision);
  void GiveBack(const model::Event& event);
  void Forget(const model::Lease& lease);

  const EventOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Journal& journal_;
  Link& link_;
  Settler& settler_;
  CallbackCaller& callbacks_;
  ProbeResponder& probes_;

  HandlerBookPtr book_;  // null until the first configuration
  LeaseBook leases_;
  std::map<std::pair<std::string, model::RecordId>, Claimed> claimed_;  // of the leases
  std::map<model::RecordId, int> outstanding_;                          // by endpoint
  std::size_t claimed_bytes_ = 0;
  // Leases that ended while a claim is under way: its reply may bring their rows all the same.
  std::set<std::pair<std::string, model::RecordId>> gone_meanwhile_;
  std::set<model::RecordId> full_;      // endpoints that the last claim could not ask for
  model::RecordId first_to_serve_ = 0;  // the endpoint, or the next one that exists
  Releaser releaser_;
  Renewer renewer_;
  std::function<void()> on_journal_failed_;
  std::function<void()> on_intake_waiting_;  // null: nobody asks
  std::vector<std::string> unanswered_;      // tokens to ask for again
  bool stopping_ = false;
  bool journal_failed_ = false;
  bool claim_under_way_ = false;
  bool claim_due_ = true;
  bool look_due_ = true;  // for probes, also when no endpoint has room
  std::uint64_t claim_timer_ = 0;
  std::optional<base::SteadyTime> claimed_at_;
  std::optional<base::SteadyTime> woken_at_;
};

}  // namespace webhook::delivery
