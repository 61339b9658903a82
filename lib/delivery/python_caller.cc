// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/python_caller.h"

#include <utility>

namespace webhook::delivery {

namespace {
constexpr std::size_t kCallsMax = 2;  // of those Odoo may have under way for us
constexpr int kFailuresMax = 3;       // a callback that makes Odoo die each time
constexpr base::Milliseconds kConflictDelay{200};
}  // namespace

PythonCaller::PythonCaller(std::string worker_uid, base::Milliseconds call_timeout,
                           const EnginePorts& ports, Link& link)
    : worker_uid_(std::move(worker_uid)),
      call_timeout_(call_timeout),
      strand_(ports.strand),
      odoo_(ports.odoo),
      link_(link) {}

void PythonCaller::Run(model::PythonCall call, Done done) {
  waiting_.push_back({std::move(call), std::move(done)});
  strand_.Post([this] { Pump(); });
}

void PythonCaller::Stop() {
  stopping_ = true;
  for (Waiting& waiting : std::exchange(waiting_, {})) waiting.done(Stopping{});
}

void PythonCaller::Pump() {
  while (!waiting_.empty() && under_way_.size() < kCallsMax && (link_.ready() || stopping_)) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (stopping_) {
      next.done(Stopping{});
      continue;
    }
    under_way_.emplace(next.call.lease.lease_token, next.call.lease.job_id);
    std::string request = model::EncodeRunPythonHandler(worker_uid_, next.call);
    odoo_.Call(ContractMethod::kRunPythonHandler, std::move(request), call_timeout_,
               [this, next = std::move(next)](RpcReply reply) mutable {
                 under_way_.erase({next.call.lease.lease_token, next.call.lease.job_id});
                 OnReply(std::move(next), std::move(reply));
                 Pump();
               });
  }
}

void PythonCaller::OnReply(Waiting waiting, RpcReply reply) {
  if (!reply.ok()) return OnFault(std::move(waiting), reply.error());
  auto answer = model::DecodeRunPythonHandler(reply.value());
  if (!answer.ok()) {
    return OnFault(std::move(waiting), {RpcFaultKind::kNotOdoo, answer.error().message});
  }
  link_.OnEnvelope(answer.value().envelope);
  if (answer.value().settled == model::SettlementStatus::kConflict) {
    strand_.After(kConflictDelay, [this, waiting = std::move(waiting)]() mutable {
      waiting_.push_back(std::move(waiting));
      Pump();
    });
    return;
  }
  waiting.done(std::move(answer).value());
}

// Odoo out of reach is nobody's fault; a call that Odoo refuses again and again, or after which it
// says nothing, is its own. Not the first time: a database on hold refuses all of them.
void PythonCaller::OnFault(Waiting waiting, const RpcFault& fault) {
  const bool may_be_its_fault = fault.kind == RpcFaultKind::kRejected ||
                                fault.kind == RpcFaultKind::kUnknown ||
                                fault.kind == RpcFaultKind::kNotOdoo;
  if (may_be_its_fault) ++waiting.failures;
  if (waiting.failures >= kFailuresMax) {
    return waiting.done(Refused{"Odoo did not run the Python callback: " + fault.detail});
  }
  waiting_.push_front(std::move(waiting));
  link_.OnFault("run_python_handler", fault);
}

}  // namespace webhook::delivery
