// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs Python callbacks inside Odoo (run_python_handler), a few at a time, each until it is
// answered: the settlement's uid makes a repetition harmless for an event. Lives on the strand.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "lib/delivery/engine_ports.h"
#include "lib/delivery/link.h"
#include "lib/model/contract.h"

namespace webhook::delivery {

class PythonCaller {
 public:
  // Odoo will not run it, or failed on it every time: one sentence.
  struct Refused {
    std::string message;
  };
  // The worker stops: nothing is known to have run.
  struct Stopping {};
  using Result = std::variant<model::PythonAnswer, Refused, Stopping>;
  using Done = std::function<void(Result)>;

  PythonCaller(std::string worker_uid, base::Milliseconds call_timeout, const EnginePorts& ports,
               Link& link);

  // `done` runs later, never inside this call.
  void Run(model::PythonCall call, Done done);

  void OnLinkReady() { Pump(); }

  // Calls that wait are ended; those under way get their answer.
  void Stop();

  // Whether it is being called: Odoo has its row locked.
  bool IsUnderWay(const model::Lease& lease) const {
    return under_way_.contains({lease.lease_token, lease.job_id});
  }

 private:
  struct Waiting {
    model::PythonCall call;
    Done done;
    int failures = 0;  // replies in a row that were lost, unreadable or a refusal
  };

  void Pump();
  void OnReply(Waiting waiting, RpcReply reply);
  void OnFault(Waiting waiting, const RpcFault& fault);

  const std::string worker_uid_;
  const base::Milliseconds call_timeout_;
  base::Strand& strand_;
  OdooClient& odoo_;
  Link& link_;
  std::deque<Waiting> waiting_;
  std::set<std::pair<std::string, model::RecordId>> under_way_;
  bool stopping_ = false;
};

}  // namespace webhook::delivery
