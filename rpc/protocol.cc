// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/protocol.h"

#include "lib/base/assert.h"

namespace webhook::rpc {

std::string_view MethodName(delivery::ContractMethod method) {
  using delivery::ContractMethod;
  switch (method) {
    case ContractMethod::kHello:
      return "hello";
    case ContractMethod::kConfiguration:
      return "configuration";
    case ContractMethod::kClaim:
      return "claim";
    case ContractMethod::kRenew:
      return "renew";
    case ContractMethod::kRelease:
      return "release";
    case ContractMethod::kSettle:
      return "settle";
    case ContractMethod::kReportFindings:
      return "report_findings";
    case ContractMethod::kIngest:
      return "ingest";
    case ContractMethod::kRunPythonHandler:
      return "run_python_handler";
    case ContractMethod::kReadAs:
      return "read_as";
    case ContractMethod::kReseal:
      return "reseal";
    case ContractMethod::kAnswerProbe:
      return "answer_probe";
  }
  WEBHOOK_ASSERT(false);
}

}  // namespace webhook::rpc
