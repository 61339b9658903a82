// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/dispatcher.h"

#include <algorithm>

#include "lib/base/uuid.h"

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;
using base::SteadyTime;

namespace {
constexpr int kUnreadableMax = 3;  // answers of one claim that could not be read
}

Dispatcher::Dispatcher(DispatcherOptions options, const EnginePorts& ports, Link& link,
                       Settler& settler, Sender& sender)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      odoo_(ports.odoo),
      journal_(ports.journal),
      link_(link),
      settler_(settler),
      sender_(sender),
      queues_(options_.queues),
      releaser_(options_.worker_uid, options_.call_timeout, ports.strand, ports.odoo, link,
                [this](const std::vector<model::Lease>& leases, bool released) {
                  OnReleased(leases, released);
                }) {}

void Dispatcher::Start(const std::vector<std::string>& claim_tokens) {
  for (const std::string& token : claim_tokens) {
    unanswered_[token] = clock_.SteadyNow() + options_.lease;
  }
  RenewTick();
}

void Dispatcher::OnLinkReady() {
  AskForUnanswered();
  claim_due_ = true;
  Renew();
  MaybeClaim();
}

void Dispatcher::OnConfiguration(HandlerBookPtr book) {
  book_ = std::move(book);
  queues_.SetConfiguration(*book_);
  SendDue();
}

void Dispatcher::OnSettled(const model::Lease& lease) {
  Forget(lease);
  Unpark(lease.job_id);
  MaybeClaim();
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

void Dispatcher::OnSendFinished(const model::Delivery& delivery) {
  queues_.Finished(delivery.endpoint_id);
  SendDue();
  MaybeClaim();
}

void Dispatcher::OnUnsent(const model::Delivery& delivery) {
  queues_.Finished(delivery.endpoint_id);
  Release({delivery});
}

void Dispatcher::OnJournalFailed() {
  if (journal_failed_) return;
  journal_failed_ = true;
  log_.Write(Level::kError, "journal.failed",
             {{"effect", "nothing more is claimed or sent until the worker is restarted"}});
  link_.OnJournalFailed();
  Release(TakeUnstarted());
}

void Dispatcher::Wake() {
  woken_at_ = clock_.SteadyNow();
  claim_due_ = true;
  MaybeClaim();
}

void Dispatcher::Stop() {
  stopping_ = true;
  Release(TakeUnstarted());
}

bool Dispatcher::MayClaim() const {
  return !stopping_ && !journal_failed_ && !claim_under_way_ && link_.ready() &&
         settler_.backlog() <= options_.settle_backlog_max &&
         settler_.backlog_bytes() <= options_.settle_backlog_bytes_max;
}

void Dispatcher::MaybeClaim() {
  if (!MayClaim()) return;
  if (!to_recover_.empty()) {
    const std::string token = to_recover_.back();
    to_recover_.pop_back();
    RecoverClaim(token);
    return;
  }
  if (!claim_due_ && !queues_.WantsRefill()) return;
  std::vector<model::Quota> quotas = queues_.Quotas(options_.claim_batch_max);
  if (quotas.empty()) {
    claim_due_ = false;
    if (queues_.Room(1) > 0) link_.RefreshConfiguration();  // there may be an endpoint by now
    return ScheduleClaim(PollInterval());
  }
  Claim(std::move(quotas));
}

// The token is in the journal before Odoo sees it: whatever is leased under it can be found again.
void Dispatcher::Claim(std::vector<model::Quota> quotas) {
  claim_under_way_ = true;
  claim_due_ = false;
  model::ClaimRequest request;
  request.worker_uid = options_.worker_uid;
  request.claim_token = base::MakeUuid7(clock_.Now(), random_);
  request.limit = queues_.Room(options_.claim_batch_max);
  request.lease = options_.lease;
  request.takeover = link_.ready_for() >= options_.takeover_after;
  request.quotas = std::move(quotas);
  journal_.Append({ClaimStarted{request.claim_token}}, [this, request](bool committed) {
    if (committed) return SendClaim(request);
    claim_under_way_ = false;
    OnJournalFailed();
  });
}

void Dispatcher::AskForUnanswered() {
  to_recover_.clear();
  for (const auto& [token, until] : unanswered_) to_recover_.push_back(token);
}

void Dispatcher::RecoverClaim(const std::string& token) {
  claim_under_way_ = true;
  model::ClaimRequest request;
  request.worker_uid = options_.worker_uid;
  request.claim_token = token;
  request.limit = 0;
  request.lease = options_.lease;
  SendClaim(request);
}

void Dispatcher::SendClaim(const model::ClaimRequest& request) {
  const SteadyTime asked_at = clock_.SteadyNow();
  gone_meanwhile_.clear();
  odoo_.Call(
      ContractMethod::kClaim, model::EncodeClaim(request), options_.call_timeout,
      [this, request, asked_at](RpcReply reply) { OnClaim(request, asked_at, std::move(reply)); });
}

void Dispatcher::OnClaim(const model::ClaimRequest& request, SteadyTime asked_at, RpcReply reply) {
  claim_under_way_ = false;
  if (reply.ok()) {
    auto answer = model::DecodeClaim(reply.value());
    if (answer.ok()) return TakeRows(request, asked_at, std::move(answer).value());
    reply = RpcFault{RpcFaultKind::kNotOdoo, answer.error().message};
  }
  if (request.limit == 0 && GiveUp(request.claim_token, reply.error())) return MaybeClaim();
  // Rows may be leased under the token all the same.
  unanswered_.try_emplace(request.claim_token, asked_at + options_.lease);
  claim_due_ = true;
  link_.OnFault("claim", reply.error());
}

// A claim whose answer cannot be read (too large, say) would be asked for without end and hold up
// all others. Its rows come back when their leases expire, in other company.
bool Dispatcher::GiveUp(const std::string& token, const RpcFault& fault) {
  if (fault.kind != RpcFaultKind::kNotOdoo || ++unreadable_[token] < kUnreadableMax) return false;
  log_.Write(Level::kError, "claim.unreadable", {{"claim", token}, {"detail", fault.detail}});
  unreadable_.erase(token);
  unanswered_.erase(token);
  journal_.Append({ClaimFinished{token}}, [](bool) {});
  return true;
}

void Dispatcher::TakeRows(const model::ClaimRequest& request, SteadyTime asked_at,
                          model::ClaimAnswer answer) {
  if (!link_.OnEnvelope(answer.envelope)) {
    unanswered_.try_emplace(request.claim_token, asked_at + options_.lease);
    return;
  }
  if (answer.interrupted > 0 || answer.poisoned > 0) {
    log_.Write(Level::kWarning, "leases.taken_over",
               {{"interrupted", answer.interrupted}, {"poisoned", answer.poisoned}});
  }
  std::map<model::RecordId, int> counts;
  for (const model::Delivery& delivery : answer.deliveries) ++counts[delivery.endpoint_id];
  const bool full = static_cast<int>(answer.deliveries.size()) >= request.limit;
  if (request.limit > 0) queues_.OnClaimed(request.quotas, counts, full);
  bool adopted = false;
  for (model::Delivery& delivery : answer.deliveries) {
    adopted = Adopt(std::move(delivery), asked_at, answer.envelope.server_time) || adopted;
  }
  FinishClaim(request.claim_token, asked_at, adopted);
  if (stopping_ || journal_failed_) Release(TakeUnstarted());
  PlanNextClaim(answer);
  SendDue();
  MaybeClaim();
}

// A claim whose reply was lost may still run until its leases would be over: only an answer after
// that, or one with rows, ends the asking. An outage does not, however long it is: rows that we
// never sent would be taken over as attempts.
void Dispatcher::FinishClaim(const std::string& token, SteadyTime asked_at, bool adopted) {
  const auto waiting = unanswered_.find(token);
  if (!adopted && waiting != unanswered_.end() && asked_at < waiting->second) return;
  if (waiting != unanswered_.end()) unanswered_.erase(waiting);
  if (!adopted) journal_.Append({ClaimFinished{token}}, [](bool) {});
}

// False when its settlement is on its way already, or was answered before this claim's reply came.
bool Dispatcher::Adopt(model::Delivery delivery, SteadyTime asked_at, base::WallTime server_time) {
  const model::Lease lease{delivery.id, delivery.lease_token};
  if (settler_.Holds(lease.lease_token, lease.job_id)) return false;
  if (gone_meanwhile_.contains({lease.lease_token, lease.job_id})) return false;
  if (leases_.Holds(lease)) return true;
  leases_.Add(lease, asked_at + (delivery.lease_expires_at - server_time));
  if (settler_.Holds(delivery.id)) {
    // A request was made under an older lease of ours; what Odoo says to its settlement comes
    // first.
    parked_.insert_or_assign(lease.job_id, std::move(delivery));
  } else {
    queues_.Push(std::move(delivery), clock_.SteadyNow());
  }
  return true;
}

void Dispatcher::PlanNextClaim(const model::ClaimAnswer& answer) {
  Milliseconds delay = PollInterval();
  if (answer.next_due_at) {
    const Milliseconds due_in = *answer.next_due_at - answer.envelope.server_time;
    // What is overdue and was not handed out (locked, or not to be taken over yet) would not be
    // handed out at once either.
    delay = due_in > Milliseconds(0) ? std::clamp(due_in, Milliseconds(10), delay)
                                     : std::min(delay, options_.poll_interval);
  }
  ScheduleClaim(delay);
}

void Dispatcher::ScheduleClaim(Milliseconds delay) {
  const std::uint64_t timer = ++claim_timer_;
  strand_.After(delay, [this, timer] {
    if (timer != claim_timer_) return;
    claim_due_ = true;
    MaybeClaim();
  });
}

Milliseconds Dispatcher::PollInterval() const {
  const bool woken = woken_at_ && clock_.SteadyNow() - *woken_at_ < options_.woken_for;
  return woken ? options_.poll_interval_woken : options_.poll_interval;
}

// Rows that end without being sent free their slots for others: a loop, because the sender reports
// them from inside Send.
void Dispatcher::SendDue() {
  if (sending_) return;
  sending_ = true;
  while (SendBatch()) {
  }
  sending_ = false;
}

// Twice the claims' limit: what is claimed already should end, but the journal is not to be filled
// by an outage.
bool Dispatcher::MaySendAnything() const {
  return !stopping_ && !journal_failed_ && link_.state() != Link::State::kHeld &&
         settler_.backlog_bytes() <= 2 * options_.settle_backlog_bytes_max;
}

// False when nothing was due.
bool Dispatcher::SendBatch() {
  if (!MaySendAnything()) return false;
  std::vector<model::Delivery> batch;
  std::vector<model::Delivery> unsent;
  while (auto delivery = queues_.Pop(clock_.SteadyNow())) {
    if (MaySend(*delivery)) {
      batch.push_back(*std::move(delivery));
    } else {
      queues_.Finished(delivery->endpoint_id);
      unsent.push_back(*std::move(delivery));
    }
  }
  const bool was_due = !batch.empty() || (!unsent.empty() && MayGiveBack());
  if (!unsent.empty()) PutBack(std::move(unsent));
  if (!batch.empty()) sender_.Send(std::move(batch), book_);
  return was_due;
}

// While Odoo is out of sight the rows stay where they are: their leases are renewed when it is
// back, unless somebody else has them by then. The answer of a renewal under way decides as well.
void Dispatcher::PutBack(std::vector<model::Delivery> unsent) {
  if (MayGiveBack()) return Release(unsent);
  for (model::Delivery& delivery : unsent) {
    if (!leases_.Holds({delivery.id, delivery.lease_token})) continue;
    queues_.Push(std::move(delivery), clock_.SteadyNow());
  }
}

// Leases are renewed when half of them is over, so less than a quarter means that Odoo is out of
// sight. What the configuration no longer knows, or holds by now, goes back too.
bool Dispatcher::MaySend(const model::Delivery& delivery) const {
  const auto deadline = leases_.Deadline({delivery.id, delivery.lease_token});
  if (!deadline || *deadline - clock_.SteadyNow() < Milliseconds(options_.lease) / 4) return false;
  const auto endpoint = book_->configuration->endpoints.find(delivery.endpoint_id);
  return endpoint != book_->configuration->endpoints.end() && IsClaimable(*book_, endpoint->second);
}

void Dispatcher::RenewTick() {
  AskForUnanswered();
  Renew();
  MaybeClaim();
  strand_.After(Milliseconds(options_.lease) / 4, [this] { RenewTick(); });
}

// Never a lease whose settlement is on its way: the two would meet in Odoo. One whose settlement
// waits is renewed, or the delivery would be taken over and sent again.
void Dispatcher::Renew() {
  if (renew_under_way_ || !link_.ready()) return;
  const SteadyTime now = clock_.SteadyNow();
  std::vector<model::Lease> leases = leases_.EndingBefore(now + Milliseconds(options_.lease) / 2);
  std::erase_if(leases, [this](const model::Lease& lease) {
    return settler_.IsInFlight(lease.lease_token, lease.job_id);
  });
  if (leases.empty()) return;
  renew_under_way_ = true;
  odoo_.Call(ContractMethod::kRenew,
             model::EncodeRenew(options_.worker_uid, options_.lease, leases), options_.call_timeout,
             [this, leases, now](RpcReply reply) { OnRenewed(leases, now, std::move(reply)); });
}

void Dispatcher::OnRenewed(const std::vector<model::Lease>& leases, SteadyTime asked_at,
                           RpcReply reply) {
  renew_under_way_ = false;
  if (!reply.ok()) return link_.OnFault("renew", reply.error());
  const auto answer = model::DecodeRenew(reply.value());
  if (!answer.ok()) {
    return link_.OnFault("renew", {RpcFaultKind::kNotOdoo, answer.error().message});
  }
  if (!link_.OnEnvelope(answer.value().envelope)) return;
  for (const model::Lease& lease : leases) leases_.Extend(lease, asked_at + options_.lease);
  for (const model::Lease& lost : answer.value().lost) {
    log_.Write(Level::kWarning, "lease.lost", {{"delivery_id", lost.job_id}});
    Forget(lost);
  }
  SendDue();
}

void Dispatcher::Release(const std::vector<model::Delivery>& deliveries) {
  for (const model::Delivery& delivery : deliveries) {
    releaser_.Release({delivery.id, delivery.lease_token});
  }
}

// What Odoo did not hear of stays leased to us under its claim's token, which stays in the journal:
// this or the next life of the worker asks for it again.
void Dispatcher::OnReleased(const std::vector<model::Lease>& leases, bool released) {
  const SteadyTime until = clock_.SteadyNow() + options_.lease;
  for (const model::Lease& lease : leases) {
    if (released) {
      Forget(lease);
    } else {
      leases_.Remove(lease);
      unanswered_.try_emplace(lease.lease_token, until);
    }
  }
}

void Dispatcher::Forget(const model::Lease& lease) {
  if (claim_under_way_) gone_meanwhile_.emplace(lease.lease_token, lease.job_id);
  // A claim that is asked for again may hold more than we know of; its answer ends it.
  if (!leases_.Remove(lease) || unanswered_.contains(lease.lease_token)) return;
  journal_.Append({ClaimFinished{lease.lease_token}}, [](bool) {});
}

}  // namespace webhook::delivery
