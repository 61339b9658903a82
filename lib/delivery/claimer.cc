// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/claimer.h"

#include <algorithm>
#include <utility>

#include "lib/base/uuid.h"
#include "lib/delivery/next_claim.h"

namespace webhook::delivery {

using base::Level;
using base::Milliseconds;
using base::SteadyTime;

namespace {
constexpr int kUnreadableMax = 3;  // answers of one claim that could not be read
}

Claimer::Claimer(ClaimerOptions options, const EnginePorts& ports, Link& link,
                 EndpointQueues& queues, Listener listener)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      odoo_(ports.odoo),
      journal_(ports.journal),
      link_(link),
      queues_(queues),
      listener_(std::move(listener)) {}

void Claimer::Start(const std::vector<std::string>& claim_tokens) {
  for (const std::string& token : claim_tokens) AddUnanswered(token);
}

void Claimer::Wake() {
  woken_at_ = clock_.SteadyNow();
  is_due_ = true;
  MaybeClaim();
}

void Claimer::MaybeClaim() {
  if (under_way_ || !listener_.may_claim()) return;
  if (!to_recover_.empty()) {
    const std::string token = to_recover_.back();
    to_recover_.pop_back();
    return Recover(token);
  }
  const SteadyTime now = clock_.SteadyNow();
  if (!is_due_ && !queues_.WantsRefill(now)) return;
  std::vector<model::Quota> quotas = queues_.Quotas(BatchMax(), now);
  if (quotas.empty()) return OnNoRoom();
  Claim(std::move(quotas));
}

// The timer goes on for who asks before it is time.
void Claimer::OnNoRoom() {
  if (!std::exchange(is_due_, false)) return;
  if (queues_.has_rate_limits()) return AskForWorkers();
  if (queues_.Room(1) > 0) link_.RefreshConfiguration();  // there may be an endpoint by now
  Schedule(PollInterval());
}

int Claimer::BatchMax() const {
  return std::min(options_.claim_batch_max, link_.claim_batch_max());
}

model::ClaimRequest Claimer::Request(const std::string& token) const {
  model::ClaimRequest request;
  request.worker_uid = options_.worker_uid;
  request.claim_token = token;
  request.lease = options_.lease;
  return request;
}

// The token is in the journal before Odoo sees it: whatever is leased under it can be found again.
void Claimer::Claim(std::vector<model::Quota> quotas) {
  under_way_ = true;
  is_due_ = false;
  model::ClaimRequest request = Request(base::MakeUuid7(clock_.Now(), random_));
  request.limit = queues_.Room(BatchMax());
  request.takeover = link_.ready_for() >= options_.takeover_after;
  request.quotas = std::move(quotas);
  journal_.Append({ClaimStarted{request.claim_token}}, [this, request](bool committed) {
    if (committed) return Send(request);
    under_way_ = false;
    listener_.on_journal_failed();
  });
}

// ---- other workers

// Rate limits hold only as long as the number of workers is known, also while what is here already
// waits for them. A limit of 0 under a new token leases nothing, so nobody needs to find it again.
void Claimer::AskForWorkers() {
  under_way_ = true;
  odoo_.Call(ContractMethod::kClaim,
             model::EncodeClaim(Request(base::MakeUuid7(clock_.Now(), random_))),
             options_.call_timeout, [this](RpcReply reply) { OnWorkers(std::move(reply)); });
}

void Claimer::OnWorkers(RpcReply reply) {
  under_way_ = false;
  if (reply.ok()) {
    const auto answer = model::DecodeClaim(reply.value());
    if (answer.ok()) {
      if (!link_.OnEnvelope(answer.value().envelope)) return;
      queues_.SetWorkersAlive(answer.value().workers_alive, clock_.SteadyNow());
      Schedule(PollInterval());
      listener_.on_claimed();
      return MaybeClaim();
    }
    reply = RpcFault{RpcFaultKind::kNotOdoo, answer.error().message};
  }
  is_due_ = true;
  link_.OnFault("claim", reply.error());
}

// ---- replies that were lost

void Claimer::AddUnanswered(const std::string& token) {
  unanswered_.try_emplace(token, clock_.SteadyNow() + options_.lease);
}

void Claimer::AskForUnanswered() {
  to_recover_.clear();
  for (const auto& [token, until] : unanswered_) to_recover_.push_back(token);
}

// A limit of 0 brings what is leased under the token already, and nothing else.
void Claimer::Recover(const std::string& token) {
  under_way_ = true;
  Send(Request(token));
}

// A claim whose answer cannot be read (too large, say) would be asked for without end and hold up
// all others. Its rows come back when their leases expire, in other company.
bool Claimer::GiveUp(const std::string& token, const RpcFault& fault) {
  if (fault.kind != RpcFaultKind::kNotOdoo || ++unreadable_[token] < kUnreadableMax) return false;
  log_.Write(Level::kError, "claim.unreadable", {{"claim", token}, {"detail", fault.detail}});
  unreadable_.erase(token);
  unanswered_.erase(token);
  journal_.Append({ClaimFinished{token}}, [](bool) {});
  return true;
}

// A claim whose reply was lost may still run until its leases would be over: only an answer after
// that, or one with rows, ends the asking. An outage does not, however long it is: rows that we
// never sent would be taken over as attempts.
void Claimer::Finish(const std::string& token, SteadyTime asked_at, bool is_held) {
  const auto waiting = unanswered_.find(token);
  if (!is_held && waiting != unanswered_.end() && asked_at < waiting->second) return;
  if (waiting != unanswered_.end()) unanswered_.erase(waiting);
  if (!is_held) journal_.Append({ClaimFinished{token}}, [](bool) {});
}

// ---- calls and replies

void Claimer::Send(const model::ClaimRequest& request) {
  const SteadyTime asked_at = clock_.SteadyNow();
  odoo_.Call(
      ContractMethod::kClaim, model::EncodeClaim(request), options_.call_timeout,
      [this, request, asked_at](RpcReply reply) { OnReply(request, asked_at, std::move(reply)); });
}

void Claimer::OnReply(const model::ClaimRequest& request, SteadyTime asked_at, RpcReply reply) {
  under_way_ = false;
  if (reply.ok()) {
    auto answer = model::DecodeClaim(reply.value());
    if (answer.ok()) return OnAnswer(request, asked_at, std::move(answer).value());
    reply = RpcFault{RpcFaultKind::kNotOdoo, answer.error().message};
  }
  if (request.limit == 0 && GiveUp(request.claim_token, reply.error())) return MaybeClaim();
  // Rows may be leased under the token all the same.
  unanswered_.try_emplace(request.claim_token, asked_at + options_.lease);
  is_due_ = true;
  link_.OnFault("claim", reply.error());
}

void Claimer::OnAnswer(const model::ClaimRequest& request, SteadyTime asked_at,
                       model::ClaimAnswer answer) {
  if (!link_.OnEnvelope(answer.envelope)) {
    unanswered_.try_emplace(request.claim_token, asked_at + options_.lease);
    return;
  }
  if (answer.interrupted > 0 || answer.poisoned > 0) {
    log_.Write(Level::kWarning, "leases.taken_over",
               {{"interrupted", answer.interrupted}, {"poisoned", answer.poisoned}});
  }
  NoteLimits(request, answer);
  const bool is_held = listener_.on_rows({request, asked_at, std::move(answer.deliveries),
                                          answer.envelope.server_time, request.limit == 0});
  Finish(request.claim_token, asked_at, is_held);
  PlanNext(answer);
  listener_.on_claimed();
  MaybeClaim();
}

void Claimer::NoteLimits(const model::ClaimRequest& request, const model::ClaimAnswer& answer) {
  queues_.SetWorkersAlive(answer.workers_alive, clock_.SteadyNow());
  if (request.limit == 0) return;
  std::map<model::RecordId, int> counts;
  for (const model::Delivery& delivery : answer.deliveries) ++counts[delivery.endpoint_id];
  const bool is_full = static_cast<int>(answer.deliveries.size()) >= request.limit;
  queues_.OnClaimed(request.quotas, counts, is_full);
}

// ---- when to ask next

void Claimer::PlanNext(const model::ClaimAnswer& answer) {
  Schedule(NextClaimIn(answer, PollInterval(), options_.poll_interval));
}

void Claimer::Schedule(Milliseconds delay) {
  const std::uint64_t timer = ++timer_;
  strand_.After(delay, [this, timer] {
    if (timer != timer_) return;
    is_due_ = true;
    MaybeClaim();
  });
}

Milliseconds Claimer::PollInterval() const {
  const bool woken = woken_at_ && clock_.SteadyNow() - *woken_at_ < options_.woken_for;
  return woken ? options_.poll_interval_woken : options_.poll_interval;
}

}  // namespace webhook::delivery
