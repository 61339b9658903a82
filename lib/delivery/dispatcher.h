// SPDX-License-Identifier: LGPL-3.0-or-later
// Takes what was claimed within its free capacity, hands it to the sender in turn, and keeps its
// leases alive. Lives on the strand.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/delivery/claimer.h"
#include "lib/delivery/endpoint_queues.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/lease_book.h"
#include "lib/delivery/link.h"
#include "lib/delivery/releaser.h"
#include "lib/delivery/renewer.h"
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

  // `claim_tokens`: claims of an earlier life, whose rows may still be leased to us. What an
  // earlier life has sent just before counts for the rate limits, unless this is the first one.
  void Start(const std::vector<std::string>& claim_tokens, bool is_first_life = false);

  void OnLinkReady();
  void OnConfiguration(HandlerBookPtr book);
  void OnSettled(const model::Lease& lease);
  void OnSendFinished(const model::Delivery& delivery, const Finish& finish);
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
  bool claiming_or_releasing() const { return claimer_.under_way() || releaser_.busy(); }

 private:
  bool MayClaim() const;
  using Lanes = std::set<std::pair<model::RecordId, std::string>>;  // by endpoint and name
  bool AdoptAll(Claimer::Rows rows);
  bool Adopt(model::Delivery delivery, base::SteadyTime deadline, bool is_recovered,
             Lanes& given_back);
  void OnClaimed();
  void Unpark(model::RecordId delivery_id);
  std::vector<model::Delivery> TakeUnstarted();
  void SendDue();
  bool SendBatch();
  bool MaySendAnything() const;
  bool MaySend(const model::Delivery& delivery) const;
  void PlanNextStart();
  void Tick();
  bool MayGiveBack() const { return link_.ready() && !renewer_.busy(); }
  void PutBack(std::vector<model::Delivery> unsent);
  void OnReleased(const std::vector<model::Lease>& leases, bool released);
  void Release(const std::vector<model::Delivery>& deliveries);
  void AfterEnd(const model::Delivery& delivery, AfterFinish after);
  void LookBehind(model::RecordId delivery_id);
  void LogBreaker(model::RecordId endpoint_id, Breaker::Change change) const;
  void Forget(const model::Lease& lease);

  const DispatcherOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::EventLog& log_;
  Journal& journal_;
  Link& link_;
  Settler& settler_;
  Sender& sender_;

  HandlerBookPtr book_;  // null until the first configuration
  EndpointQueues queues_;
  Claimer claimer_;
  LeaseBook leases_;
  std::map<model::RecordId, model::Delivery> parked_;  // wait for an older settlement's answer
  // Leases that ended while a claim is under way: its reply may bring their rows all the same.
  std::set<std::pair<std::string, model::RecordId>> gone_meanwhile_;
  // The last ones here of their lanes, until they are settled; see WaitingRows::LaneEnd.
  struct LaneTail {
    model::RecordId endpoint_id;
    std::int64_t claims_before;
  };
  std::map<model::RecordId, LaneTail> lane_tails_;
  Releaser releaser_;
  Renewer renewer_;
  bool sending_ = false;
  bool stopping_ = false;
  bool journal_failed_ = false;
  std::optional<base::SteadyTime> start_planned_for_;  // when something that must wait may start
};

}  // namespace webhook::delivery
