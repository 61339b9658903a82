// SPDX-License-Identifier: LGPL-3.0-or-later
// Seals secrets anew when an administrator has confirmed another key of ours: those that were
// sealed to an older one which this worker still has. Any worker of the database does it; a
// repetition replaces nothing. Lives on the strand.
#pragma once

#include <cstdint>
#include <string>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/link.h"

namespace webhook::delivery {

class Resealer {
 public:
  Resealer(std::string worker_uid, base::Milliseconds call_timeout, const EnginePorts& ports,
           Link& link);

  // Something may have to be sealed anew: another key, another configuration, Odoo is back. Does
  // nothing unless the confirmed key is this worker's present one.
  void Check();

 private:
  void SendBatch();
  void OnReply(std::size_t sent, model::RecordId before, RpcReply reply);

  const std::string worker_uid_;
  const base::Milliseconds call_timeout_;
  base::EventLog& log_;
  OdooClient& odoo_;
  SecretOpener& secrets_;
  Link& link_;
  bool call_under_way_ = false;
  std::int64_t revision_ = 0;  // whose secrets are gone through
  std::string key_;            // for which
  model::RecordId after_ = 0;  // the secrets up to this id are done
  int failures_ = 0;
};

}  // namespace webhook::delivery
