// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: calls one method of the contract (schema/contract/README.md) on the Odoo server.
#pragma once

#include <functional>
#include <string>

#include "lib/base/result.h"
#include "lib/base/time.h"

namespace webhook::delivery {

enum class ContractMethod {
  kHello,
  kConfiguration,
  kReportFindings,
  kClaim,
  kRenew,
  kRelease,
  kSettle,
  kIngest,
  kRunPythonHandler,
  kReadAs,
  kAnswerProbe,
  kReseal,
};

// What is known when there is no answer. The kind decides; the detail is for people and never holds
// a secret.
enum class RpcFaultKind {
  kUnreachable,  // no connection: the call did not run
  kUnknown,      // lost reply, time-out, 5xx: the call may have run; repeat it
  kBusy,  // Odoo says try again: registry being rebuilt (upgrade), 429, 503, too many connections
  kKeyRefused,       // 401, or log-in refused: wait and re-read the key
  kAccessDenied,     // the user is not in the Worker group
  kDatabaseMissing,  // no such database
  kAddonMissing,     // the model or the method does not exist
  kRejected,         // Odoo refused the request's data: ValidationError, UserError, bad arguments
  kNotOdoo,          // something else than an Odoo answered, or its answer makes no sense
};

struct RpcFault {
  RpcFaultKind kind;
  std::string detail;
};

using RpcReply = base::Result<std::string, RpcFault>;  // the answer's JSON text

class OdooClient {
 public:
  virtual ~OdooClient() = default;

  // Sends `request`, an ASCII JSON text. `done` runs exactly once, on the strand, never inside this
  // call. After `timeout` without an answer the reply is kUnknown. Called on the strand.
  virtual void Call(ContractMethod method, std::string request, base::Milliseconds timeout,
                    std::function<void(RpcReply)> done) = 0;
};

}  // namespace webhook::delivery
