// SPDX-License-Identifier: LGPL-3.0-or-later
// Claims due deliveries within its free capacity, hands them to the sender, and keeps their leases
// alive. Lives on the strand.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/endpoint_queues.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/lease_book.h"
#include "lib/delivery/link.h"
#include "lib/delivery/releaser.h"
#include "lib/delivery/sender.h"
#include "lib/delivery/settler.h"

namespace webhook::delivery {

struct DispatcherOptions {
  std::string worker_uid;
  QueueLimits queues;
  int claim_batch_max = 500;
  std::size_t settle_backlog_max = 2000;  // above it nothing is claimed
  std::size_t settle_backlog_bytes_max = 64U << 20;
  std::chrono::seconds lease{300};
  base::Milliseconds call_timeout{150000};
  base::Milliseconds poll_interval{1000};
  base::Milliseconds poll_interval_woken{5000};  // while wake-ups arrive
  base::Milliseconds woken_for{60000};           // so long after the last wake-up
  // Of uninterrupted sight of Odoo. Longer than the longest pause between two hellos
  // (LinkOptions::backoff_max), so that after an outage every worker can settle what it sent before
  // another takes its leases over.
  base::Milliseconds takeover_after{45000};
};

class Dispatcher {
 public:
  Dispatcher(DispatcherOptions options, const EnginePorts& ports, Link& link, Settler& settler,
             Sender& sender);

  // `claim_tokens`: claims of an earlier life, whose rows may still be leased to us.
  void Start(const std::vector<std::string>& claim_tokens);

  void OnLinkReady();
  void OnConfiguration(HandlerBookPtr book);
  void OnSettled(const model::Lease& lease);
  void OnSendFinished(const model::Delivery& delivery);
  void OnUnsent(const model::Delivery& delivery);
  void OnJournalFailed();

  // Something was queued in Odoo.
  void Wake();

  // Claims and starts nothing more; gives back what has not been started.
  void Stop();

  int in_flight() const { return queues_.in_flight(); }

  // Asked just before bytes leave: time may have passed since the delivery was handed to the
  // sender.
  bool MayStillSend(const model::Delivery& delivery) const {
    return MaySendAnything() && MaySend(delivery);
  }

  // Whether Odoo may still hold rows for us that an answer under way gives back.
  bool claiming_or_releasing() const { return claim_under_way_ || releaser_.busy(); }

 private:
  void MaybeClaim();
  bool MayClaim() const;
  void Claim(std::vector<model::Quota> quotas);
  void SendClaim(const model::ClaimRequest& request);
  void OnClaim(const model::ClaimRequest& request, base::SteadyTime asked_at, RpcReply reply);
  void TakeRows(const model::ClaimRequest& request, base::SteadyTime asked_at,
                model::ClaimAnswer answer);
  void FinishClaim(const std::string& token, base::SteadyTime asked_at, bool adopted);
  bool Adopt(model::Delivery delivery, base::SteadyTime asked_at, base::WallTime server_time);
  void Unpark(model::RecordId delivery_id);
  std::vector<model::Delivery> TakeUnstarted();
  void PlanNextClaim(const model::ClaimAnswer& answer);
  void AskForUnanswered();
  void RecoverClaim(const std::string& token);
  void ScheduleClaim(base::Milliseconds delay);
  base::Milliseconds PollInterval() const;
  void SendDue();
  bool SendBatch();
  bool MaySendAnything() const;
  bool MaySend(const model::Delivery& delivery) const;
  void RenewTick();
  void Renew();
  void OnRenewed(const std::vector<model::Lease>& leases, base::SteadyTime asked_at,
                 RpcReply reply);
  bool MayGiveBack() const { return link_.ready() && !renew_under_way_; }
  void PutBack(std::vector<model::Delivery> unsent);
  bool GiveUp(const std::string& token, const RpcFault& fault);
  void OnReleased(const std::vector<model::Lease>& leases, bool released);
  void Release(const std::vector<model::Delivery>& deliveries);
  void Forget(const model::Lease& lease);

  const DispatcherOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::Random& random_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Journal& journal_;
  Link& link_;
  Settler& settler_;
  Sender& sender_;

  HandlerBookPtr book_;  // null until the first configuration
  EndpointQueues queues_;
  LeaseBook leases_;
  std::map<model::RecordId, model::Delivery> parked_;  // wait for an older settlement's answer
  std::map<std::string, base::SteadyTime>
      unanswered_;                       // claims without a reply: asked again until then
  std::vector<std::string> to_recover_;  // of those, the ones to ask for now
  // Leases that ended while a claim is under way: its reply may bring their rows all the same.
  std::set<std::pair<std::string, model::RecordId>> gone_meanwhile_;
  Releaser releaser_;
  std::map<std::string, int> unreadable_;  // answers of a claim that could not be read
  bool sending_ = false;
  bool stopping_ = false;
  bool journal_failed_ = false;
  bool claim_under_way_ = false;
  bool renew_under_way_ = false;
  bool claim_due_ = true;
  std::uint64_t claim_timer_ = 0;
  std::optional<base::SteadyTime> woken_at_;
};

}  // namespace webhook::delivery
