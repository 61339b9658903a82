// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs the callbacks of handlers, native ones beside the worker and Python ones inside Odoo, and
// says what they decided in the words of the engine. Lives on the strand.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <variant>

#include "lib/delivery/decision.h"
#include "lib/delivery/engine_ports.h"
#include "lib/delivery/fact_values.h"
#include "lib/delivery/link.h"
#include "lib/delivery/python_caller.h"
#include "lib/model/configuration.h"
#include "lib/model/delivery.h"
#include "lib/model/event.h"

namespace webhook::delivery {

struct SettledInOdoo {};  // by run_python_handler
struct NotRun {};         // the worker stops
using EventCallbackResult = std::variant<Decision, SettledInOdoo, NotRun>;

class CallbackCaller {
 public:
  CallbackCaller(std::string worker_uid, base::Milliseconds call_timeout, const EnginePorts& ports,
                 Link& link);

  // The native callbacks that this worker has.
  std::set<std::string> Names() const;

  // Each `done` runs later, never inside the call. What is handed in by reference is copied, but
  // for the handler and the policy, which outlive the call.
  // `endpoint`: its path or code.
  void RunEvent(const model::Event& event, const std::string& endpoint,
                const model::Handler& handler, const model::RetryPolicy& policy,
                std::function<void(EventCallbackResult)> done);

  // `is_shaped`: the endpoint's own rules have changed what was queued. Interrupted: the worker
  // stops, it may be given back.
  void BeforeSend(const model::Delivery& delivery, bool is_shaped, const std::string& endpoint,
                  const model::Handler& handler, const std::string& target_path,
                  std::function<void(SendDecision)> done);

  // Whether a Python callback runs in Odoo for it.
  bool IsInOdoo(const model::Lease& lease) const { return python_.IsUnderWay(lease); }

  void OnLinkReady() { python_.OnLinkReady(); }
  void Stop();

 private:
  void RunNative(const model::Handler& handler, std::string context_json, model::Lease lease,
                 std::function<void(CallbackResult)> done);
  void ReadAs(const model::Lease& lease, base::Milliseconds timeout,
              const std::string& question_json, const std::function<void(std::string)>& answer);

  const std::string worker_uid_;
  const base::Milliseconds call_timeout_;
  base::Clock& clock_;
  base::Random& random_;
  OdooClient& odoo_;
  CallbackRunner& native_;
  PythonCaller python_;
};

}  // namespace webhook::delivery
