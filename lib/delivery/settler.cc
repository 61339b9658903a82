// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/settler.h"

#include <algorithm>

#include "lib/base/assert.h"
#include "lib/base/uuid.h"
#include "lib/delivery/fault_text.h"
#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Level;

Settler::Settler(SettlerOptions options, const EnginePorts& ports, Link& link)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      odoo_(ports.odoo),
      journal_(ports.journal),
      link_(link),
      batch_max_now_(options_.batch_max) {}

void Settler::Start(Listener listener, const std::vector<SettlementRecorded>& unacknowledged) {
  listener_ = std::move(listener);
  for (const SettlementRecorded& recorded : unacknowledged) {
    Hold(recorded);
    Enqueue(recorded, false);
  }
}

void Settler::Submit(const model::Settlement& settlement) {
  SettlementRecorded recorded{settlement.settlement_uid, settlement.job_id, settlement.lease_token,
                              model::EncodeSettlement(settlement), settlement.kind};
  ++pending_appends_;
  Hold(recorded);
  journal_.Append({recorded}, [this, recorded](bool committed) {
    --pending_appends_;
    // Even unjournaled it is the truth and goes to Odoo; but nothing new is started from here on.
    if (!committed) listener_.on_journal_failed();
    Enqueue(recorded, false);
    PumpSoon();
  });
}

bool Settler::Holds(const std::string& lease_token, model::RecordId job_id) const {
  return held_.contains(Key(lease_token, job_id));
}

bool Settler::Holds(model::RecordId delivery_id) const { return deliveries_.contains(delivery_id); }

bool Settler::IsInFlight(const std::string& lease_token, model::RecordId job_id) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(), [&](const Entry& entry) {
    return entry.recorded.job_id == job_id && entry.recorded.lease_token == lease_token;
  });
}

void Settler::Hold(const SettlementRecorded& recorded) {
  ++held_[Key(recorded.lease_token, recorded.job_id)];
  if (recorded.kind == model::JobKind::kDelivery) ++deliveries_[recorded.job_id];
  backlog_bytes_ += recorded.settlement_json.size();
}

void Settler::Enqueue(SettlementRecorded recorded, bool is_substitute) {
  queue_.push_back({std::move(recorded), options_.batch_max, 0, is_substitute});
}

// A short wait lets single settlements share a call: each one costs Odoo a transaction.
void Settler::PumpSoon() {
  if (queue_.size() >= batch_max_now_) return Pump();
  if (pump_scheduled_) return;
  pump_scheduled_ = true;
  strand_.After(options_.linger, [this] {
    pump_scheduled_ = false;
    Pump();
  });
}

void Settler::Pump() {
  if (call_under_way_ || !link_.ready() || queue_.empty()) return;
  in_flight_ = TakeBatch();
  call_under_way_ = true;
  std::vector<std::string_view> items;
  for (const Entry& entry : in_flight_) items.push_back(entry.recorded.settlement_json);
  odoo_.Call(ContractMethod::kSettle, model::EncodeSettle(options_.worker_uid, items),
             options_.call_timeout, [this](RpcReply reply) { OnReply(std::move(reply)); });
}

std::vector<Settler::Entry> Settler::TakeBatch() {
  std::vector<Entry> batch;
  std::size_t bytes = 0;
  std::size_t group_max = batch_max_now_;
  while (!queue_.empty()) {
    const Entry& next = queue_.front();
    group_max = std::min(group_max, next.group_max);
    bytes += next.recorded.settlement_json.size();
    if (!batch.empty() && (batch.size() >= group_max || bytes > options_.batch_bytes_max)) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

void Settler::OnReply(RpcReply reply) {
  call_under_way_ = false;
  if (reply.ok()) {
    const auto answer = model::DecodeSettle(reply.value());
    if (answer.ok() && AnswersInFlight(answer.value())) {
      OnAnswer(answer.value());
      return;
    }
    reply = RpcFault{RpcFaultKind::kNotOdoo, "the settle answer does not match its request"};
  }
  // Unknown or refused as a whole: the culprit is found by halving. Out of reach: nobody is to
  // blame.
  const RpcFault& fault = reply.error();
  if (fault.kind == RpcFaultKind::kUnknown || fault.kind == RpcFaultKind::kRejected) {
    for (const Entry& entry : in_flight_) blamed_.push_back(entry.recorded.settlement_uid);
  }
  PutBackInFlight();
  link_.OnFault("settle", fault);
}

// One result for each settlement, in the order sent: a result of another one acknowledges nothing.
bool Settler::AnswersInFlight(const model::SettleAnswer& answer) const {
  return std::equal(answer.results.begin(), answer.results.end(), in_flight_.begin(),
                    in_flight_.end(),
                    [](const model::SettlementResult& result, const Entry& entry) {
                      return result.settlement_uid == entry.recorded.settlement_uid;
                    });
}

void Settler::OnAnswer(const model::SettleAnswer& answer) {
  const bool is_ours = link_.Knows(answer.envelope);
  link_.OnEnvelope(answer.envelope);
  if (!is_ours) return PutBackInFlight();  // another database answered: it settled nothing of ours
  std::vector<Entry> batch = std::move(in_flight_);
  in_flight_.clear();
  batch_max_now_ = std::min(options_.batch_max, batch_max_now_ * 2);
  for (std::size_t i = 0; i < batch.size(); ++i) OnResult(std::move(batch[i]), answer.results[i]);
  FlushJournal();
  if (!conflicts_.empty()) strand_.After(options_.conflict_delay, [this] { RetryConflicts(); });
  Pump();
}

void Settler::RetryConflicts() {
  for (Entry& entry : conflicts_) queue_.push_back(std::move(entry));
  conflicts_.clear();
  Pump();
}

void Settler::OnResult(Entry entry, const model::SettlementResult& result) {
  switch (result.status) {
    case model::SettlementStatus::kSuperseded:
      log_.Write(Level::kWarning, "settlement.superseded",
                 {{"kind", model::Spelling(entry.recorded.kind)},
                  {"id", entry.recorded.job_id},
                  {"settlement", entry.recorded.settlement_uid}});
      return Acknowledge(entry);
    case model::SettlementStatus::kApplied:
      // Odoo refused its record operations and recorded what becomes of the row instead.
      if (!result.category.empty()) {
        log_.Write(Level::kWarning, "operations.refused",
                   {{"kind", model::Spelling(entry.recorded.kind)},
                    {"id", entry.recorded.job_id},
                    {"category", result.category},
                    {"why", result.message}});
      }
      return Acknowledge(entry);
    case model::SettlementStatus::kAlreadyApplied:
      return Acknowledge(entry);
    case model::SettlementStatus::kConflict:
      conflicts_.push_back(std::move(entry));
      return;
    case model::SettlementStatus::kFailed:
      if (result.category == "gone") return SetAside(entry, "the row no longer exists");
      return Refuse(std::move(entry), result.message);
  }
}

void Settler::PutBackInFlight() {
  for (auto entry = in_flight_.rbegin(); entry != in_flight_.rend(); ++entry) {
    queue_.push_front(std::move(*entry));
  }
  in_flight_.clear();
}

void Settler::OnLinkReady() {
  if (link_.TakeOutage()) {
    blamed_.clear();  // Odoo itself was away: the call's content had no part in it
  } else {
    Blame();
  }
  Pump();
}

// The failed call's settlements go to the end, in smaller batches, so that the others do not wait
// for the culprit.
void Settler::Blame() {
  if (blamed_.empty()) return;
  const std::size_t halved = std::max<std::size_t>(1, blamed_.size() / 2);
  batch_max_now_ = halved;
  std::deque<Entry> kept;
  std::vector<Entry> suspects;
  for (Entry& entry : queue_) {
    const bool blamed =
        std::find(blamed_.begin(), blamed_.end(), entry.recorded.settlement_uid) != blamed_.end();
    if (blamed) {
      entry.group_max = halved;
      if (blamed_.size() == 1) ++entry.strikes;
      suspects.push_back(std::move(entry));
    } else {
      kept.push_back(std::move(entry));
    }
  }
  queue_ = std::move(kept);
  blamed_.clear();
  for (Entry& entry : suspects) {
    if (entry.strikes >= options_.strikes_max) {
      Refuse(std::move(entry), "Odoo failed on it three times");
    } else {
      queue_.push_back(std::move(entry));
    }
  }
  FlushJournal();
}

// Its data cannot be stored: a bare dead letter takes its place, so that an administrator sees it.
void Settler::Refuse(Entry entry, const std::string& why) {
  log_.Write(Level::kError, "settlement.refused",
             {{"kind", model::Spelling(entry.recorded.kind)},
              {"id", entry.recorded.job_id},
              {"settlement", entry.recorded.settlement_uid},
              {"why", why}});
  if (entry.is_substitute) return SetAside(entry, why);
  model::Settlement bare;
  bare.settlement_uid = base::MakeUuid7(clock_.Now(), random_);
  bare.kind = entry.recorded.kind;
  bare.job_id = entry.recorded.job_id;
  bare.lease_token = entry.recorded.lease_token;
  bare.outcome = "dead_letter";
  bare.transition.state = model::DeliveryState::kDeadLetter;
  bare.transition.failure_reason = model::FailureReason::kSettlementRefused;
  bare.transition.failure_message =
      "Odoo could not store what this came to; a delivery may have been delivered. The details are "
      "in the worker's journal and log, settlement " +
      entry.recorded.settlement_uid;
  SettlementRecorded recorded{bare.settlement_uid, bare.job_id, bare.lease_token,
                              model::EncodeSettlement(bare), bare.kind};
  Hold(recorded);  // first: a row that waits for the refused one waits for its substitute as well
  SetAside(entry, why);
  acknowledgements_.push_back(recorded);
  Enqueue(std::move(recorded), true);
}

void Settler::SetAside(const Entry& entry, const std::string& why) {
  acknowledgements_.push_back(SettlementSetAside{entry.recorded.settlement_uid, why});
  Forget(entry);
}

void Settler::Acknowledge(const Entry& entry) {
  acknowledgements_.push_back(SettlementAcknowledged{entry.recorded.settlement_uid});
  Forget(entry);
}

void Settler::Forget(const Entry& entry) {
  const SettlementRecorded& recorded = entry.recorded;
  const auto found = held_.find(Key(recorded.lease_token, recorded.job_id));
  WEBHOOK_ASSERT(found != held_.end());
  if (--found->second == 0) held_.erase(found);
  if (const auto delivery = deliveries_.find(recorded.job_id);
      recorded.kind == model::JobKind::kDelivery && --delivery->second == 0) {
    deliveries_.erase(delivery);
  }
  backlog_bytes_ -= recorded.settlement_json.size();
  listener_.on_settled({recorded.job_id, recorded.lease_token, recorded.kind});
}

void Settler::FlushJournal() {
  if (acknowledgements_.empty()) return;
  journal_.Append(std::exchange(acknowledgements_, {}), [this](bool committed) {
    if (!committed) listener_.on_journal_failed();
  });
}

std::string Settler::Key(const std::string& lease_token, model::RecordId job_id) {
  return lease_token + '/' + std::to_string(job_id);
}

}  // namespace webhook::delivery
