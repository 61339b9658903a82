// SPDX-License-Identifier: LGPL-3.0-or-later
// Gives leases back unspent: one call for all that are given back in a turn of the strand. Lives on
// the strand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/base/strand.h"
#include "lib/base/time.h"
#include "lib/delivery/link.h"
#include "lib/delivery/ports/odoo_client.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

class Releaser {
 public:
  // Told on the strand, once for each lease: whether Odoo has taken it back.
  using Listener = std::function<void(const std::vector<model::Lease>&, bool released)>;

  Releaser(std::string worker_uid, base::Milliseconds call_timeout, base::Strand& strand,
           OdooClient& odoo, Link& link, Listener listener);

  void Release(const model::Lease& lease);

  // Whether an answer is still to come.
  bool busy() const { return scheduled_ || calls_under_way_ > 0; }

 private:
  void Send();

  const std::string worker_uid_;
  const base::Milliseconds call_timeout_;
  base::Strand& strand_;
  OdooClient& odoo_;
  Link& link_;
  const Listener listener_;
  std::vector<model::Lease> leases_;
  bool scheduled_ = false;
  int calls_under_way_ = 0;
};

}  // namespace webhook::delivery
