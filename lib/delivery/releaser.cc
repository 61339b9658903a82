// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/releaser.h"

#include <utility>

namespace webhook::delivery {

Releaser::Releaser(std::string worker_uid, base::Milliseconds call_timeout, base::Strand& strand,
                   OdooClient& odoo, Link& link, Listener listener)
    : worker_uid_(std::move(worker_uid)),
      call_timeout_(call_timeout),
      strand_(strand),
      odoo_(odoo),
      link_(link),
      listener_(std::move(listener)) {}

void Releaser::Release(const model::Lease& lease) {
  leases_.push_back(lease);
  if (scheduled_) return;
  scheduled_ = true;
  strand_.Post([this] { Send(); });
}

void Releaser::Send() {
  scheduled_ = false;
  const std::vector<model::Lease> leases = std::exchange(leases_, {});
  if (!link_.ready()) return listener_(leases, false);
  ++calls_under_way_;
  odoo_.Call(ContractMethod::kRelease, model::EncodeRelease(worker_uid_, leases), call_timeout_,
             [this, leases](RpcReply reply) {
               --calls_under_way_;
               listener_(leases, reply.ok());
             });
}

}  // namespace webhook::delivery
