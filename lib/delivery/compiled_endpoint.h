// SPDX-License-Identifier: LGPL-3.0-or-later
// An outbound endpoint made ready: rules parsed, secrets opened, certificates and schedules
// checked, and everything found wrong told for Odoo's banner. Immutable afterwards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/secret.h"
#include "lib/base/time.h"
#include "lib/delivery/ports/http_transport.h"
#include "lib/delivery/ports/secret_opener.h"
#include "lib/delivery/ports/tls_identity.h"
#include "lib/delivery/redactor.h"
#include "lib/delivery/status_set.h"
#include "lib/model/configuration.h"
#include "lib/model/contract.h"
#include "lib/rules/compiled_rules.h"
#include "lib/rules/source.h"

namespace webhook::delivery {

struct CompiledShapeRule {
  model::ShapeRule rule;
  rules::CompiledSource source;
};

struct OpenedSecret {
  base::Secret secret;
  std::optional<base::WallTime> expires_at;
};

struct CompiledEndpoint {
  model::RecordId endpoint_id = 0;
  std::vector<CompiledShapeRule> context_lines;
  rules::CompiledRule header_rules;           // as the assignments of one rule, in their order
  rules::CompiledRule payload_rules;          // likewise
  std::vector<OpenedSecret> signing_secrets;  // newest first
  base::Secret credential;                 // of the auth mode: password, token, key, client secret
  std::shared_ptr<const TlsIdentity> tls;  // null: the transport's own
  StatusSet retry_statuses;                // of the endpoint's retry policy
  StatusSet final_statuses;
  Redactor redactor;  // knows every secret above
  std::vector<model::Finding> findings;
  std::vector<std::string> needs;  // fields that the rules read
  // Not empty: why no request can be made, beginning with the field. Every delivery is then a dead
  // letter that says so.
  std::string problem;
  // Not empty: why this worker, unlike others perhaps, cannot send for it. Nothing is claimed.
  std::string not_here;
};

// `policy` is the endpoint's; null when it is not in the configuration. `transport`, where there is
// one, says which URLs it would refuse.
CompiledEndpoint CompileEndpoint(const model::Endpoint& endpoint, const model::RetryPolicy* policy,
                                 SecretOpener& secrets, base::WallTime now,
                                 const HttpTransport* transport = nullptr);

}  // namespace webhook::delivery
