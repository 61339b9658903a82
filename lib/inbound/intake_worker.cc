// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/intake_worker.h"

#include <utility>

#include "lib/base/result.h"
#include "lib/base/uuid.h"
#include "lib/inbound/judge.h"

namespace webhook::inbound {

using base::Level;
using delivery::RpcReply;

namespace {

constexpr int kFailuresMax = 3;  // claims in a row
constexpr base::Milliseconds kPause{60000};

RequestParts PartsOf(const model::IntakeRow& row) {
  RequestParts parts;
  parts.method = row.http_method;
  parts.url = row.request_url;
  parts.headers.assign(row.headers.begin(), row.headers.end());
  parts.body = row.body;
  parts.remote_address = row.remote_address;
  parts.received_at = row.received_at;
  return parts;
}

// Without headers: which of them are credentials is not known.
model::IngestedEvent Unjudged(const model::IntakeRow& row, RejectionCategory category,
                              const std::string& reason) {
  model::IngestedEvent event;
  event.event_uid = row.event_uid;
  event.endpoint_id = row.endpoint_id;
  event.received_at = row.received_at;
  event.remote_address = row.remote_address;
  event.rejected = true;
  event.body = row.body;
  event.rejection_category = Spelling(category);
  event.rejection_reason = reason;
  return event;
}

}  // namespace

IntakeWorker::IntakeWorker(IntakeOptions options, const delivery::EnginePorts& ports,
                           IngestQueue& queue)
    : options_(std::move(options)),
      clock_(ports.clock),
      random_(ports.random),
      log_(ports.log),
      odoo_(ports.odoo),
      queue_(queue) {}

void IntakeWorker::OnBook(GatewayBookPtr book) {
  book_ = std::move(book);
  MaybeClaim();
}

void IntakeWorker::OnWaiting() {
  is_due_ = true;
  MaybeClaim();
}

// By a configuration that Odoo says is old nothing is judged.
void IntakeWorker::MaybeClaim() {
  if (!is_due_ || claim_under_way_ || stopping_ || !book_) return;
  if (clock_.SteadyNow() < pause_until_) return;
  if (!queue_.ready() || !queue_.has_room() || link_->is_behind()) return;
  claim_under_way_ = true;
  is_due_ = false;
  if (claim_token_.empty()) claim_token_ = base::MakeUuid7(clock_.Now(), random_);
  model::ClaimRequest request;
  request.worker_uid = options_.worker_uid;
  request.claim_token = claim_token_;
  request.work = model::Work::kIntake;
  request.limit = options_.claim_batch_max;
  request.lease = options_.lease;
  request.takeover = true;  // a lease that ended is over: what is verified twice is one event
  odoo_.Call(delivery::ContractMethod::kClaim, model::EncodeClaim(request), options_.call_timeout,
             [this](RpcReply reply) { OnClaim(std::move(reply)); });
}

void IntakeWorker::OnClaim(RpcReply reply) {
  claim_under_way_ = false;
  if (!reply.ok()) return OnFault(reply.error());
  failures_ = 0;
  claim_token_.clear();
  const auto answer = model::DecodeClaim(reply.value());
  if (!answer.ok()) {
    // Its rows come again when their lease is over, in other company.
    log_.Write(Level::kError, "intake.unreadable", {{"detail", answer.error().message}});
    return;
  }
  if (link_->OnEnvelope(answer.value().envelope)) Take(answer.value());
}

// A claim whose reply was lost is asked for again under its token: rows may be leased to us. One
// that fails for its content must not keep the worker from its work: a fault makes the link wait.
void IntakeWorker::OnFault(const delivery::RpcFault& fault) {
  is_due_ = true;
  const bool may_be_its_fault = fault.kind == delivery::RpcFaultKind::kRejected ||
                                fault.kind == delivery::RpcFaultKind::kUnknown;
  if (may_be_its_fault && ++failures_ >= kFailuresMax) {
    log_.Write(Level::kError, "intake.refused", {{"why", fault.detail}});
    claim_token_.clear();
    is_due_ = false;
    pause_until_ = clock_.SteadyNow() + kPause;
    return;
  }
  link_->OnFault("claim", fault);
}

void IntakeWorker::Take(const model::ClaimAnswer& answer) {
  for (const model::IntakeRow& row : answer.intake) {
    if (!held_.contains(row.id)) Verify(row);
  }
  queue_.Pump();
  if (answer.intake.empty()) return;
  is_due_ = true;  // there may be more
  MaybeClaim();
}

// As of the time when it came: it waited for us, not for its sender.
void IntakeWorker::Verify(const model::IntakeRow& row) {
  const CompiledInbound* endpoint = book_->Find(row.endpoint_id);
  if (endpoint == nullptr) {
    const std::string why = "the endpoint is not active";
    return OnConfigurationTrouble(row, Unjudged(row, RejectionCategory::kConfiguration, why), why);
  }
  const Request request(PartsOf(row));
  Judgement judgement = Judge(*endpoint, request, row.event_uid, row.received_at);
  std::visit(base::Overloaded{
                 [&](Accepted& accepted) { Ingest(row, std::move(accepted.event)); },
                 [&](Rejected& rejected) {
                   if (rejected.category == RejectionCategory::kConfiguration) {
                     return OnConfigurationTrouble(row, std::move(rejected.event), rejected.reason);
                   }
                   Ingest(row, std::move(rejected.event));
                 },
                 [&](Challenged&) {
                   Ingest(row, Unjudged(row, RejectionCategory::kValidation,
                                        "a challenge: only the gateway of a worker can answer it"));
                 },
             },
             judgement);
}

void IntakeWorker::Ingest(const model::IntakeRow& row, model::IngestedEvent event) {
  event.intake_id = row.id;
  IngestItem item;
  item.event_uid = row.event_uid;
  item.endpoint_id = row.endpoint_id;
  item.received_at = row.received_at;
  item.event_json = model::EncodeIngestedEvent(event);
  item.intake_id = row.id;
  item.body = row.body;
  item.done = [this, id = row.id](IngestOutcome, const std::string&) { held_.erase(id); };
  held_.insert(row.id);
  queue_.Add(std::move(item));
}

void IntakeWorker::OnConfigurationTrouble(const model::IntakeRow& row, model::IngestedEvent event,
                                          const std::string& why) {
  if (clock_.Now() - row.received_at >= kIntakeAgeMax) return Ingest(row, std::move(event));
  log_.Write(Level::kWarning, "intake.waits",
             {{"event", row.event_uid}, {"endpoint_id", row.endpoint_id}, {"why", why}});
}

}  // namespace webhook::inbound
