// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/renewer.h"

#include <utility>

#include "lib/model/spelling.h"

namespace webhook::delivery {

using base::Milliseconds;

Renewer::Renewer(RenewerOptions options, const EnginePorts& ports, Link& link, LeaseBook& leases,
                 Listener listener)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      log_(ports.log),
      odoo_(ports.odoo),
      link_(link),
      leases_(leases),
      listener_(std::move(listener)) {}

void Renewer::Tick() {
  Renew();
  strand_.After(Milliseconds(options_.lease) / 4, [this] { Tick(); });
}

void Renewer::Renew() {
  if (call_under_way_ || !link_.ready()) return;
  const base::SteadyTime now = clock_.SteadyNow();
  std::vector<model::Lease> leases = leases_.EndingBefore(now + Milliseconds(options_.lease) / 2);
  for (model::Lease& lease : leases) lease.kind = options_.kind;
  std::erase_if(leases, [this](const model::Lease& lease) { return !listener_.may_renew(lease); });
  if (leases.empty()) return;
  call_under_way_ = true;
  odoo_.Call(ContractMethod::kRenew,
             model::EncodeRenew(options_.worker_uid, options_.lease, leases), options_.call_timeout,
             [this, leases, now](RpcReply reply) { OnReply(leases, now, std::move(reply)); });
}

void Renewer::OnReply(const std::vector<model::Lease>& leases, base::SteadyTime asked_at,
                      RpcReply reply) {
  call_under_way_ = false;
  if (!reply.ok()) return link_.OnFault("renew", reply.error());
  const auto answer = model::DecodeRenew(reply.value());
  if (!answer.ok()) {
    return link_.OnFault("renew", {RpcFaultKind::kNotOdoo, answer.error().message});
  }
  if (!link_.OnEnvelope(answer.value().envelope)) return;
  for (const model::Lease& lease : leases) leases_.Extend(lease, asked_at + options_.lease);
  for (const model::Lease& lost : answer.value().lost) {
    log_.Write(base::Level::kWarning, "lease.lost",
               {{"kind", model::Spelling(lost.kind)}, {"id", lost.job_id}});
    listener_.on_lost(lost);
  }
  if (listener_.on_renewed) listener_.on_renewed();
}

}  // namespace webhook::delivery
