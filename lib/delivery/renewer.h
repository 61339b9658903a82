// SPDX-License-Identifier: LGPL-3.0-or-later
// Extends the leases of a lease book when half of their time is over, so that what takes long is
// not taken over meanwhile. Lives on the strand.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/lease_book.h"
#include "lib/delivery/link.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

struct RenewerOptions {
  std::string worker_uid;
  model::JobKind kind = model::JobKind::kDelivery;  // of all leases in the book
  std::chrono::seconds lease{300};
  base::Milliseconds call_timeout{150000};
};

class Renewer {
 public:
  // Told and asked on the strand.
  struct Listener {
    // False: a call that ends the lease is under way in Odoo, and the two would meet there.
    std::function<bool(const model::Lease&)> may_renew;
    std::function<void(const model::Lease&)> on_lost;  // somebody else has it, or it has ended
    std::function<void()> on_renewed = nullptr;        // a call was answered
  };

  // Everything outlives the renewer.
  Renewer(RenewerOptions options, const EnginePorts& ports, Link& link, LeaseBook& leases,
          Listener listener);

  // Looks four times a lease from now on.
  void Start() { Tick(); }

  // Looks now.
  void Renew();

  // Whether an answer is still to come.
  bool busy() const { return call_under_way_; }

 private:
  void Tick();
  void OnReply(const std::vector<model::Lease>& leases, base::SteadyTime asked_at, RpcReply reply);

  const RenewerOptions options_;
  base::Strand& strand_;
  base::Clock& clock_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Link& link_;
  LeaseBook& leases_;
  const Listener listener_;
  bool call_under_way_ = false;
};

}  // namespace webhook::delivery
