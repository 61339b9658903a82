// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/dispatcher.h"

#include <algorithm>
#include <utility>

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;
using base::SteadyTime;

Dispatcher::Dispatcher(DispatcherOptions options, const EnginePorts& ports, Link& link,
                       Settler& settler, Sender& sender)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      log_(ports.log),
      journal_(ports.journal),
      link_(link),
      settler_(settler),
      sender_(sender),
      queues_(options_.queues),
      claimer_({.worker_uid = options_.worker_uid,
                .claim_batch_max = options_.claim_batch_max,
                .lease = options_.lease,
                .call_timeout = options_.call_timeout,
                .poll_interval = options_.poll_interval,
                .poll_interval_woken = options_.poll_interval_woken,
                .woken_for = options_.woken_for,
                .takeover_after = options_.takeover_after},
               ports, link, queues_,
               {.may_claim = [this] { return MayClaim(); },
                .on_rows = [this](Claimer::Rows rows) { return AdoptAll(std::move(rows)); },
                .on_claimed = [this] { OnClaimed(); },
                .on_journal_failed = [this] { OnJournalFailed(); }}),
      releaser_(options_.worker_uid, options_.call_timeout, ports.strand, ports.odoo, link,
                [this](const std::vector<model::Lease>& leases, bool released) {
                  OnReleased(leases, released);
                }),
      renewer_(
          {options_.worker_uid, model::JobKind::kDelivery, options_.lease, options_.call_timeout},
          ports, link, leases_,
          // Never a lease whose settlement is on its way: the two would meet in Odoo. One whose
          // settlement waits is renewed, or the delivery would be taken over and sent again.
          {.may_renew =
               [this](const model::Lease& lease) {
                 return !settler_.IsInFlight(lease.lease_token, lease.job_id);
               },
           .on_lost = [this](const model::Lease& lease) { Forget(lease); },
           .on_renewed = [this] { SendDue(); }}) {}

void Dispatcher::Start(const std::vector<std::string>& claim_tokens, bool is_first_life) {
  if (!is_first_life) queues_.AssumeSentUntil(clock_.SteadyNow());
  claimer_.Start(claim_tokens);
  Tick();
}

void Dispatcher::OnLinkReady() {
  claimer_.AskForUnanswered();
  claimer_.LookNow();
  renewer_.Renew();
  claimer_.MaybeClaim();
  SendDue();
}

void Dispatcher::OnConfiguration(HandlerBookPtr book) {
  book_ = std::move(book);
  queues_.SetConfiguration(*book_, clock_.SteadyNow());
  SendDue();
}

void Dispatcher::OnSettled(const model::Lease& lease) {
  LookBehind(lease.job_id);
  Forget(lease);
  Unpark(lease.job_id);
  claimer_.MaybeClaim();
}

void Dispatcher::Unpark(model::RecordId delivery_id) {
  const auto parked = parked_.find(delivery_id);
  if (parked == parked_.end() || settler_.Holds(delivery_id)) return;
  queues_.Push(std::move(parked->second), clock_.SteadyNow());
  parked_.erase(parked);
  SendDue();
}

std::vector<model::Delivery> Dispatcher::TakeUnstarted() {
  std::vector<model::Delivery> unstarted = queues_.TakeAll();
  for (auto& [id, delivery] : parked_) unstarted.push_back(std::move(delivery));
  parked_.clear();
  return unstarted;
}

void Dispatcher::OnSendFinished(const model::Delivery& delivery, const Finish& finish) {
  AfterEnd(delivery, queues_.Finished(delivery, finish, clock_.SteadyNow()));
  SendDue();
  claimer_.MaybeClaim();
}

void Dispatcher::OnUnsent(const model::Delivery& delivery) {
  Release({delivery});
  AfterEnd(delivery, queues_.Unsent(delivery, clock_.SteadyNow()));
  SendDue();
}

void Dispatcher::AfterEnd(const model::Delivery& delivery, AfterFinish after) {
  Release(after.give_back);
  if (after.claims_before) {
    lane_tails_[delivery.id] = {delivery.endpoint_id, *after.claims_before};
  }
  LogBreaker(delivery.endpoint_id, after.breaker);
}

// Until the last one of a lane is settled, Odoo hands out nothing of what follows it and does not
// say when it would: a claim that was answered meanwhile, or is under way, is asked again.
void Dispatcher::LookBehind(model::RecordId delivery_id) {
  const auto tail = lane_tails_.find(delivery_id);
  if (tail == lane_tails_.end()) return;
  const LaneTail& last = tail->second;
  if (claimer_.under_way() || queues_.ClaimsOf(last.endpoint_id) > last.claims_before) {
    claimer_.LookNow();
  }
  lane_tails_.erase(tail);
}

void Dispatcher::LogBreaker(model::RecordId endpoint_id, Breaker::Change change) const {
  if (change == Breaker::Change::kNone) return;
  const auto endpoint = book_->configuration->endpoints.find(endpoint_id);
  const bool is_known = endpoint != book_->configuration->endpoints.end();
  const std::string code = is_known ? endpoint->second.code : std::to_string(endpoint_id);
  if (change == Breaker::Change::kClosed) {
    return log_.Write(Level::kInfo, "breaker.closed", {{"endpoint", code}});
  }
  const Breaker& breaker = queues_.BreakerOf(endpoint_id);
  log_.Write(Level::kWarning, "breaker.opened",
             {{"endpoint", code},
              {"failures", breaker.failures()},
              {"open_ms", breaker.open_for().count()}});
}

void Dispatcher::OnJournalFailed() {
  if (journal_failed_) return;
  journal_failed_ = true;
  log_.Write(Level::kError, "journal.failed",
             {{"effect", "nothing more is claimed or sent until the worker is restarted"}});
  link_.OnJournalFailed();
  Release(TakeUnstarted());
}

void Dispatcher::Wake() { claimer_.Wake(); }

void Dispatcher::Stop() {
  stopping_ = true;
  Release(TakeUnstarted());
}

bool Dispatcher::MayClaim() const {
  return !stopping_ && !journal_failed_ && link_.ready() &&
         settler_.backlog() <= options_.settle_backlog_max &&
         settler_.backlog_bytes() <= options_.settle_backlog_bytes_max;
}

void Dispatcher::OnClaimed() {
  if (stopping_ || journal_failed_) Release(TakeUnstarted());
  SendDue();
}

bool Dispatcher::AdoptAll(Claimer::Rows rows) {
  bool is_held = false;
  Lanes given_back;
  for (model::Delivery& delivery : rows.deliveries) {
    const SteadyTime deadline = rows.asked_at + (delivery.lease_expires_at - rows.server_time);
    is_held = Adopt(std::move(delivery), deadline, rows.is_recovered, given_back) || is_held;
  }
  gone_meanwhile_.clear();
  return is_held;
}

// False when its settlement is on its way already, or was answered before this claim's reply came.
//
// Of a lane only what is surely all that is left of it, from its head on, may be sent. A claim that
// is asked for again may bring what followed a row that came to something else meanwhile: it is
// given back, and comes again after that row.
bool Dispatcher::Adopt(model::Delivery delivery, SteadyTime deadline, bool is_recovered,
                       Lanes& given_back) {
  const model::Lease lease{delivery.id, delivery.lease_token};
  if (settler_.Holds(lease.lease_token, lease.job_id)) return false;
  if (gone_meanwhile_.contains({lease.lease_token, lease.job_id})) return false;
  if (leases_.Holds(lease)) return true;
  leases_.Add(lease, deadline);
  // A request was made under an older lease of ours; what Odoo says to its settlement comes first.
  const bool must_wait = settler_.Holds(delivery.id);
  const std::pair lane(delivery.endpoint_id, delivery.lane);
  const bool may_overtake = is_recovered || must_wait || given_back.contains(lane);
  if (!delivery.lane.empty() && may_overtake) {
    given_back.insert(lane);
    Release({delivery});
  } else if (must_wait) {
    parked_.insert_or_assign(lease.job_id, std::move(delivery));
  } else {
    queues_.Push(std::move(delivery), clock_.SteadyNow());
  }
  return true;
}

// Rows that end without being sent free their slots for others: a loop, because the sender reports
// them from inside Send.
void Dispatcher::SendDue() {
  if (sending_) return;
  sending_ = true;
  while (SendBatch()) {
  }
  sending_ = false;
  PlanNextStart();
}

// For what its endpoint's rate limit or breaker holds back.
void Dispatcher::PlanNextStart() {
  const auto at = queues_.NextStartAt();
  if (!at || !MaySendAnything()) return;
  if (start_planned_for_ && *start_planned_for_ <= *at) return;
  start_planned_for_ = at;
  const Milliseconds delay = std::max(Milliseconds(0), *at - clock_.SteadyNow());
  strand_.After(delay, [this, at] {
    if (start_planned_for_ == at) start_planned_for_.reset();
    SendDue();
  });
}

// Twice the claims' limit: what is claimed already should end, but the journal is not to be filled
// by an outage.
bool Dispatcher::MaySendAnything() const {
  return !stopping_ && !journal_failed_ && link_.state() != Link::State::kHeld &&
         settler_.backlog_bytes() <= 2 * options_.settle_backlog_bytes_max;
}

// False when nothing was due.
bool Dispatcher::SendBatch() {
  if (!MaySendAnything() || link_.is_behind()) return false;
  std::vector<model::Delivery> batch;
  std::vector<model::Delivery> unsent;
  while (auto delivery = queues_.Pop(clock_.SteadyNow())) {
    (MaySend(*delivery) ? batch : unsent).push_back(*std::move(delivery));
  }
  const bool was_due = !batch.empty() || (!unsent.empty() && MayGiveBack());
  if (!unsent.empty()) PutBack(std::move(unsent));
  if (!batch.empty()) sender_.Send(std::move(batch), book_);
  return was_due;
}

// While Odoo is out of sight the rows stay where they are: their leases are renewed when it is
// back, unless somebody else has them by then. The answer of a renewal under way decides as well.
void Dispatcher::PutBack(std::vector<model::Delivery> unsent) {
  const SteadyTime now = clock_.SteadyNow();
  const bool give_back = MayGiveBack();
  std::vector<model::Delivery> kept;
  for (model::Delivery& delivery : unsent) {
    if (!give_back && leases_.Holds({delivery.id, delivery.lease_token})) {
      kept.push_back(std::move(delivery));
      continue;
    }
    if (give_back) Release({delivery});
    AfterEnd(delivery, queues_.Unsent(delivery, now));
  }
  for (auto row = kept.rbegin(); row != kept.rend(); ++row) queues_.PutBack(std::move(*row), now);
}

// Leases are renewed when half of them is over, so less than a quarter means that Odoo is out of
// sight. What the configuration no longer knows, or holds by now, goes back too.
bool Dispatcher::MaySend(const model::Delivery& delivery) const {
  const auto deadline = leases_.Deadline({delivery.id, delivery.lease_token});
  if (!deadline || *deadline - clock_.SteadyNow() < Milliseconds(options_.lease) / 4) return false;
  const auto endpoint = book_->configuration->endpoints.find(delivery.endpoint_id);
  return endpoint != book_->configuration->endpoints.end() && IsClaimable(*book_, endpoint->second);
}

void Dispatcher::Tick() {
  claimer_.AskForUnanswered();
  renewer_.Renew();
  claimer_.MaybeClaim();
  strand_.After(Milliseconds(options_.lease) / 4, [this] { Tick(); });
}

void Dispatcher::Release(const std::vector<model::Delivery>& deliveries) {
  for (const model::Delivery& delivery : deliveries) {
    releaser_.Release({delivery.id, delivery.lease_token});
  }
}

// What Odoo did not hear of stays leased to us under its claim's token, which stays in the journal:
// this or the next life of the worker asks for it again.
void Dispatcher::OnReleased(const std::vector<model::Lease>& leases, bool released) {
  for (const model::Lease& lease : leases) {
    if (released) {
      Forget(lease);
    } else {
      leases_.Remove(lease);
      claimer_.AddUnanswered(lease.lease_token);
    }
  }
}

void Dispatcher::Forget(const model::Lease& lease) {
  lane_tails_.erase(lease.job_id);
  if (claimer_.under_way()) gone_meanwhile_.emplace(lease.lease_token, lease.job_id);
  // A claim that is asked for again may hold more than we know of; its answer ends it.
  if (!leases_.Remove(lease) || claimer_.IsUnanswered(lease.lease_token)) return;
  journal_.Append({ClaimFinished{lease.lease_token}}, [](bool) {});
}

}  // namespace webhook::delivery
