// SPDX-License-Identifier: LGPL-3.0-or-later
// Tells Odoo what is wrong in a configuration revision, and which fields its rules read, until Odoo
// has taken note. Lives on the strand.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "lib/base/event_log.h"
#include "lib/delivery/handler_book.h"
#include "lib/delivery/link.h"
#include "lib/delivery/ports/odoo_client.h"

namespace webhook::delivery {

class FindingsReporter {
 public:
  FindingsReporter(std::string worker_uid, base::Milliseconds call_timeout, base::EventLog& log,
                   OdooClient& odoo, Link& link);

  // A new revision: its report replaces an older one that is still waiting. `inbound`: what is
  // wrong with inbound endpoints.
  void Report(HandlerBookPtr book, std::vector<model::Finding> inbound = {});
  void OnLinkReady() { Send(); }

 private:
  void Send();
  void OnReply(std::int64_t revision, RpcReply reply);
  void OnFault(std::int64_t revision, const RpcFault& fault);

  const std::string worker_uid_;
  const base::Milliseconds call_timeout_;
  base::EventLog& log_;
  OdooClient& odoo_;
  Link& link_;
  HandlerBookPtr waiting_;
  std::vector<model::Finding> findings_;  // of waiting_
  bool call_under_way_ = false;
  int failures_ = 0;  // in a row, of the waiting report
};

}  // namespace webhook::delivery
